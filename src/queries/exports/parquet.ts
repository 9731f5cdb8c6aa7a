import type { KeyValue, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import type { SubmissionRow } from '../../projections/submission-rows.ts'
import type { Encoder, ExportMoment, Rows } from './encoder.ts'
import { columnOf } from './formats.ts'

/** Rows held in memory at once, and encoded in one go: about 15 ms in which nothing else is done. */
const ROW_GROUP = 20_000

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
  for await (const group of inGroups(rows, ROW_GROUP)) {
    writer.write({ columnData: columnsOf(moment, group), rowGroupSize: group.length })
    yield take(sink)
  }
  writer.finish()
  yield take(sink)
}

/** What has been written since the last time; offsets in the file go on. */
function take(sink: ByteWriter): Buffer {
  const bytes = Buffer.from(sink.getBytes())
  sink.index = 0
  return bytes
}

async function* inGroups(rows: Rows, size: number): AsyncGenerator<readonly SubmissionRow[]> {
  let group: SubmissionRow[] = []
  for await (const batch of rows) {
    for (const row of batch) {
      group.push(row)
      if (group.length < size) continue
      yield group
      group = []
    }
  }
  if (group.length > 0) yield group
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

function columnsOf({ definition }: ExportMoment, rows: readonly SubmissionRow[]): ColumnSource[] {
  return [
    { name: 'pseudonym', data: rows.map(({ pseudonym }) => Buffer.from(pseudonym, 'latin1')), ...random },
    { name: 'submitted_at', data: rows.map(({ submittedAt }) => milliseconds(submittedAt)), ...ascending },
    { name: 'changed_at', data: rows.map(({ changedAt }) => milliseconds(changedAt)), ...ascending },
    { name: 'position', data: rows.map(({ position }) => position), ...ascending },
    ...definition.categories.map(({ id }, index) => ({
      name: columnOf(id),
      data: Int32Array.from(rows, ({ shares }) => shares[index]!),
    })),
  ]
}

const milliseconds = (instant: string): bigint => BigInt(Date.parse(instant))
