import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { FilePart } from './archive-file.ts'
import { compressPacked, packData } from './packed-data.ts'
import {
  type ColumnName,
  type ColumnValues,
  columnEncodings,
  compressors,
  parquetColumns,
} from './parquet-columns.ts'
import type { StoredLine } from './stored-line.ts'

/** Events in a row group: what has to be read for a single one, and what a reader has in memory twice. */
const EVENTS_PER_GROUP = 20_000

export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
  readonly parts: readonly FilePart[]
}

/**
 * Writes events to a Parquet file, which is on disk when this resolves.
 * @param lines in the order of the log, in batches of any size
 * @param about what is said in the file about itself
 */
export async function writeArchive(
  path: string,
  lines: AsyncIterable<readonly StoredLine[]>,
  about: Readonly<Record<string, string>>,
): Promise<WrittenFile> {
  const file = await open(path, 'w')
  try {
    const writing = new ArchiveWriter(file, about)
    let group: StoredLine[] = []
    for await (const batch of lines) {
      for (const line of batch) {
        group.push(line)
        if (group.length < EVENTS_PER_GROUP) continue
        await writing.write(group)
        group = []
      }
    }
    if (group.length > 0) await writing.write(group)
    const written = await writing.finish()
    await file.sync()
    return written
  } finally {
    await file.close()
  }
}

class ArchiveWriter {
  readonly #file: FileHandle
  readonly #bytes = new ByteWriter()
  readonly #parquet: ParquetWriter
  readonly #hash = createHash('sha256')
  readonly #parts: FilePart[] = []
  #offset = 0

  constructor(file: FileHandle, about: Readonly<Record<string, string>>) {
    this.#file = file
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: parquetColumns,
      codec: 'ZSTD',
      compressors,
      kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
      createdBy: 'taxbudget',
    })
  }

  async write(lines: readonly StoredLine[]): Promise<void> {
    const values = columnsOf(lines, await compressPacked(packData(lines)))
    const columnData = Object.entries(columnEncodings).map(([name, encoding]) => ({
      name,
      data: values[name as ColumnName],
      ...encoding,
    }))
    await this.#parquet.write({ columnData, rowGroupSize: lines.length })
    await this.#flush(lines.length)
  }

  async finish(): Promise<WrittenFile> {
    await this.#parquet.finish()
    await this.#flush(0)
    return { bytes: this.#offset, sha256: this.#hash.digest('hex'), parts: this.#parts }
  }

  /** Writes out what has been gathered: a row group (the first one with the file's beginning), or the footer. */
  async #flush(events: number): Promise<void> {
    const bytes = this.#bytes.getBytes()
    this.#hash.update(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#parts.push([events, this.#offset, bytes.length, sha256])
    await this.#file.appendFile(bytes)
    this.#offset += bytes.length
    this.#bytes.index = 0
  }
}

function columnsOf(lines: readonly StoredLine[], packed: Uint8Array): ColumnValues {
  return {
    position: BigInt64Array.from(lines, (line) => line.position),
    stream: lines.map((line) => line.stream),
    revision: Int32Array.from(lines, (line) => line.revision),
    id: lines.map((line) => line.id),
    type: lines.map((line) => line.type),
    schema_version: Int32Array.from(lines, (line) => line.schemaVersion),
    data: lines.map((line) => line.data),
    metadata: lines.map((line) => line.metadata),
    recorded_at: BigInt64Array.from(lines, (line) => line.recordedAt),
    packed: lines.map((_, row) => (row === 0 ? packed : null)),
  }
}
