import { encodeCsv } from './csv.ts'
import type { Encoder, Rows } from './encoder.ts'
import type { ExportFormat } from './formats.ts'
import { encodeNdjson } from './ndjson.ts'
import { encodeParquet } from './parquet.ts'
import { encodePb, summariseRows } from './pb.ts'

/**
 * The encoder of a format.
 * @param rows reads the rows that are to be encoded: once, if the format wants to know of all before the first
 */
export async function encoderFor(format: ExportFormat, rows: () => Promise<Rows>): Promise<Encoder> {
  switch (format) {
    case 'csv':
      return encodeCsv
    case 'ndjson':
      return encodeNdjson
    case 'parquet':
      return encodeParquet
    case 'pb':
      return encodePb(await summariseRows(await rows()))
    default:
      return format satisfies never
  }
}
