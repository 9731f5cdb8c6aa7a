import { stringify } from 'csv-stringify/sync'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { SubmissionRow } from '../../projections/submission-rows.ts'
import type { Encoder } from './encoder.ts'
import { columnOf, fixedColumns } from './formats.ts'
import { percentText } from './percent.ts'

/**
 * CSV (RFC 4180) with a header line; shares in percent. `taxbudget import` reads it again. The values are hexadecimal
 * digits, times and numbers: none can begin a formula or needs a quote. What a poll's author has named is in the header.
 */
export const encodeCsv: Encoder = async function* ({ definition }, rows) {
  yield Buffer.from(csvHeader(definition.categories))
  for await (const batch of rows) yield Buffer.from(batch.map(line).join(''), 'latin1')
}

/** Quoted where it must be, and safe to open in a spreadsheet. */
export const csvHeader = (categories: readonly Pick<PollDefinition['categories'][number], 'id'>[]): string =>
  stringify([[...fixedColumns, ...categories.map(({ id }) => columnOf(id))]], {
    escape_formulas: true,
    quoted_match: /[\r\n]/,
    record_delimiter: 'windows',
  })

function line({ pseudonym, submittedAt, changedAt, position, shares }: SubmissionRow): string {
  let text = `${pseudonym},${submittedAt},${changedAt},${position}`
  for (const share of shares) text += `,${percentText(share)}`
  return `${text}\r\n`
}
