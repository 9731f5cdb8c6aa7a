import { parse } from 'csv-parse/sync'

export type Fields =
  | { readonly fields: readonly string[] }
  | { readonly problem: string; readonly unclosed: boolean }

/**
 * The fields of one record, quoted where they hold the delimiter, quotes doubled. Records are cut apart line by line
 * rather than by the CSV parser, so that a quote that is never closed costs its own line and not the rest of the file.
 */
export function splitFields(text: string, delimiter: ';' | ','): Fields {
  if (!text.includes('"')) return { fields: text.split(delimiter) }
  try {
    const records: string[][] = parse(text, { delimiter, relax_quotes: true, relax_column_count: true })
    return { fields: records[0] ?? [] }
  } catch (error) {
    const unclosed = (error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED'
    return { unclosed, problem: unclosed ? 'has a quote that is never closed' : (error as Error).message }
  }
}

/** Drops empty fields beyond `width`, which spreadsheets like to add. */
export function trimToWidth(fields: readonly string[], width: number): readonly string[] {
  let length = fields.length
  while (length > width && fields[length - 1]?.trim() === '') length--
  return fields.slice(0, length)
}
