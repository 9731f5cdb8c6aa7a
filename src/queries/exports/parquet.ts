import type { KeyValue, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import type { SubmissionRow } from '../../projections/submission-rows.ts'
import type { Encoder, ExportMoment } from './encoder.ts'
import { columnOf } from './formats.ts'

/** Rows held in memory at once, and encoded in one go: some 6 ms in which nothing else is done. */
const ROW_GROUP = 6000

/**
 * Parquet with typed columns: `pseudonym` text, `submitted_at` and `changed_at` timestamps in UTC (milliseconds),
 * `position` int64, each category int32 in basis points. What poll it is, and of which moment, is in the file's key-value
 * metadata under `taxbudget.*`.
 */
export const encodeParquet: Encoder = async function* (moment, rows) {
  const sink = new ByteWriter()
  const writer = new ParquetWriter({
    writer: sink,
    schema: schemaOf(moment),
    kvMetadata: metadataOf(moment),
    createdBy: 'taxbudget',
  })
  const group = new RowGroup(moment)
  const write = () => {
    writer.write({ columnData: group.columns(), rowGroupSize: group.length })
    group.length = 0
    return take(sink)
  }
  for await (const batch of rows)
    for (const row of batch) {
      group.add(row)
      if (group.length === ROW_GROUP) yield write()
    }
  if (group.length > 0) yield write()
  writer.finish()
  yield take(sink)
}

/** What has been written since the last time; offsets in the file go on. */
function take(sink: ByteWriter): Buffer {
  const bytes = Buffer.from(sink.getBytes())
  sink.index = 0
  return bytes
}

const timestamp = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
} as const

const required = { repetition_type: 'REQUIRED' } as const

const schemaOf = ({ definition }: ExportMoment): SchemaElement[] => [
  { name: 'submissions', num_children: 4 + definition.categories.length },
  {
    name: 'pseudonym',
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
    ...required,
  },
  { name: 'submitted_at', ...timestamp, ...required },
  { name: 'changed_at', ...timestamp, ...required },
  { name: 'position', type: 'INT64', ...required },
  ...definition.categories.map(
    ({ id }): SchemaElement => ({ name: columnOf(id), type: 'INT32', ...required }),
  ),
]

const metadataOf = ({ definition, position, asOf }: ExportMoment): KeyValue[] => [
  { key: 'taxbudget.poll', value: definition.poll },
  { key: 'taxbudget.position', value: `${position}` },
  { key: 'taxbudget.as_of', value: asOf },
  { key: 'taxbudget.definition', value: JSON.stringify(definition) },
]

/** Times and positions hardly differ from one row to the next. */
const ascending = { encoding: 'DELTA_BINARY_PACKED' } as const
/** Nothing is as hard to compress, or as useless to know the smallest of, as what looks random. */
const random = { encoding: 'PLAIN', codec: 'UNCOMPRESSED', statistics: false } as const

const PSEUDONYM_BYTES = 32

/** Rows as columns of plain numbers, filled again for each group: objects that live that long cost far more memory. */
class RowGroup {
  length = 0
  readonly #pseudonyms = Buffer.alloc(ROW_GROUP * PSEUDONYM_BYTES)
  readonly #submittedAt = new BigInt64Array(ROW_GROUP)
  readonly #changedAt = new BigInt64Array(ROW_GROUP)
  readonly #positions = new BigInt64Array(ROW_GROUP)
  readonly #shares: readonly { readonly name: string; readonly data: Int32Array }[]

  constructor({ definition }: ExportMoment) {
    this.#shares = definition.categories.map(({ id }) => ({
      name: columnOf(id),
      data: new Int32Array(ROW_GROUP),
    }))
  }

  add({ pseudonym, submittedAt, changedAt, position, shares }: SubmissionRow): void {
    const index = this.length++
    this.#pseudonyms.write(pseudonym, index * PSEUDONYM_BYTES, PSEUDONYM_BYTES, 'latin1')
    this.#submittedAt[index] = milliseconds(submittedAt)
    this.#changedAt[index] = milliseconds(changedAt)
    this.#positions[index] = position
    for (let i = 0; i < shares.length; i++) this.#shares[i]!.data[index] = shares[i]!
  }

  columns(): ColumnSource[] {
    const { length } = this
    const pseudonyms = Array.from({ length }, (_, index) =>
      this.#pseudonyms.subarray(index * PSEUDONYM_BYTES, (index + 1) * PSEUDONYM_BYTES),
    )
    return [
      { name: 'pseudonym', data: pseudonyms, ...random },
      { name: 'submitted_at', data: this.#submittedAt.subarray(0, length), ...ascending },
      { name: 'changed_at', data: this.#changedAt.subarray(0, length), ...ascending },
      { name: 'position', data: this.#positions.subarray(0, length), ...ascending },
      ...this.#shares.map(({ name, data }) => ({ name, data: data.subarray(0, length) })),
    ]
  }
}

const milliseconds = (instant: string): bigint => BigInt(Date.parse(instant))
