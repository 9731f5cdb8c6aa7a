/** What an archive looks like to any reader of Parquet, and how its columns become values again. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { FileMetaData, RowGroup as RowGroupMetaData, SchemaElement } from 'hyparquet'
import { readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { parquetSchema } from 'hyparquet/src/metadata.js'
import { getTreePath } from 'hyparquet/src/schema.js'

const required = (
  name: string,
  type: NonNullable<SchemaElement['type']>,
  more: Partial<SchemaElement> = {},
): SchemaElement => ({ ...more, name, type, repetition_type: more.repetition_type ?? 'REQUIRED' })

/** `data` and `metadata` are the very texts of the log. `packed` stands in a row group's first row: see packed-data.ts. */
const columns = [
  required('position', 'INT64'),
  required('stream', 'BYTE_ARRAY', { converted_type: 'UTF8' }),
  required('revision', 'INT32'),
  required('id', 'FIXED_LEN_BYTE_ARRAY', { type_length: 16, logical_type: { type: 'UUID' } }),
  required('type', 'BYTE_ARRAY', { converted_type: 'UTF8' }),
  required('schema_version', 'INT32'),
  required('data', 'BYTE_ARRAY', { converted_type: 'UTF8' }),
  required('metadata', 'BYTE_ARRAY', { converted_type: 'UTF8', repetition_type: 'OPTIONAL' }),
  required('recorded_at', 'INT64', { converted_type: 'TIMESTAMP_MICROS' }),
  required('packed', 'BYTE_ARRAY', { repetition_type: 'OPTIONAL' }),
] as const

export const parquetColumns: SchemaElement[] = [{ name: 'events', num_children: columns.length }, ...columns]

/** What the columns hold of each event, in the order of the log. */
export interface ColumnValues {
  readonly position: BigInt64Array
  readonly stream: string[]
  readonly revision: Int32Array
  readonly id: string[]
  readonly type: string[]
  readonly schema_version: Int32Array
  readonly data: string[]
  readonly metadata: (string | null)[]
  /** Microseconds since 1970. */
  readonly recorded_at: BigInt64Array
  readonly packed: (Uint8Array | null)[]
}
export type ColumnName = keyof ColumnValues

/** Those that need not be what their type suggests. `packed` is compressed already. */
export const columnEncodings = {
  position: { encoding: 'DELTA_BINARY_PACKED' },
  stream: { encoding: 'PLAIN', statistics: false },
  revision: {},
  id: { encoding: 'PLAIN', statistics: false },
  type: {},
  schema_version: {},
  data: { encoding: 'PLAIN', statistics: false },
  metadata: { statistics: false },
  recorded_at: { encoding: 'DELTA_BINARY_PACKED' },
  packed: { encoding: 'PLAIN', codec: 'UNCOMPRESSED', statistics: false },
} as const

export const compressors = { ZSTD: (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes) }
const decompressors = { ZSTD: (bytes: Uint8Array): Uint8Array => zstdDecompressSync(bytes) }

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const parsers = {
  ...DEFAULT_PARSERS,
  // Every character counts: the usual parser takes a first U+FEFF for a mark.
  stringFromBytes: (bytes: Uint8Array) => bytes && asBuffer(bytes).toString(),
  timestampFromMicroseconds: (microseconds: bigint) => microseconds,
  uuidFromBytes: (bytes: Uint8Array) => {
    const hex = asBuffer(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
}

/**
 * One column of a row group.
 * @param bytes the row group's part of the file, which begins at `offset`
 */
export function readParquetColumn(
  bytes: Buffer,
  offset: number,
  metadata: FileMetaData,
  group: RowGroupMetaData,
  name: ColumnName,
): ArrayLike<unknown> {
  const column = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data
  if (!column) throw new Error(`it has no column ${name}`)
  const schemaPath = getTreePath(parquetSchema(metadata), [name])
  const start = Number(column.dictionary_page_offset ?? column.data_page_offset) - offset
  const length = Number(column.total_compressed_size)
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length)
  const rows = Number(group.num_rows)
  const { data } = readColumn(
    { view, offset: 0 },
    { groupStart: 0, groupRows: rows, selectStart: 0, selectEnd: rows },
    {
      ...column,
      pathInSchema: [name],
      element: schemaPath.at(-1)!.element,
      schemaPath,
      compressors: decompressors,
      parsers,
      utf8: false,
    },
  )
  const [only] = data
  return data.length === 1 && only ? only : data.flatMap((page) => Array.from(page as ArrayLike<unknown>))
}
