import type { FileMetaData, RowGroup as RowGroupMetaData } from 'hyparquet'
import type { Position, RecordedEvent } from '../../event-log.ts'
import type { EventBatch } from '../../submitted-run.ts'
import { decompressPacked } from './packed-data.ts'
import { type ColumnName, type ColumnValues, readParquetColumn } from './parquet-columns.ts'
import { UnpackedData } from './unpacked-data.ts'

/** One row group in memory. A column is decoded when somebody asks for it: most readers need few. */
export class ArchivedGroup {
  readonly events: number
  readonly #first: Position
  readonly #decode: (name: ColumnName) => ArrayLike<unknown>
  readonly #columns = new Map<ColumnName, ArrayLike<unknown>>()
  readonly #unpacked: UnpackedData

  private constructor(
    events: number,
    first: Position,
    decode: (name: ColumnName) => ArrayLike<unknown>,
    unpacked: UnpackedData,
  ) {
    this.events = events
    this.#first = first
    this.#decode = decode
    this.#unpacked = unpacked
  }

  /** @param bytes the row group's part of the file, which begins at `offset`; `first` is its first event's position */
  static async open(
    bytes: Buffer,
    offset: number,
    metadata: FileMetaData,
    group: RowGroupMetaData,
    first: Position,
  ): Promise<ArchivedGroup> {
    const decode = (name: ColumnName) => readParquetColumn(bytes, offset, metadata, group, name)
    const [packed] = Array.from(decode('packed')) as Uint8Array[]
    if (!packed) throw new Error('a row group is not packed')
    const events = Number(group.num_rows)
    return new ArchivedGroup(events, first, decode, new UnpackedData(await decompressPacked(packed), events))
  }

  /** The event of a row. What is asked of it is worked out then. */
  event(row: number): RecordedEvent {
    return new ArchivedEvent(this, row)
  }

  /** The events of the rows from `row` up to, but without, `end`, with the runs in columns. */
  batch(row: number, end: number): EventBatch {
    const events: RecordedEvent[] = []
    for (let at = row; at < end; at++) events.push(new ArchivedEvent(this, at))
    return Object.assign(events, { runs: this.#unpacked.runs(row, end) })
  }

  position(row: number): Position {
    return this.#first + BigInt(row)
  }

  get unpacked(): UnpackedData {
    return this.#unpacked
  }

  value<Name extends ColumnName>(name: Name, row: number): ColumnValues[Name][number] {
    let column = this.#columns.get(name)
    if (column === undefined) {
      column = this.#decode(name)
      this.#columns.set(name, column)
    }
    return column[row] as ColumnValues[Name][number]
  }
}

class ArchivedEvent implements RecordedEvent {
  readonly #group: ArchivedGroup
  readonly #row: number
  #data: unknown

  constructor(group: ArchivedGroup, row: number) {
    this.#group = group
    this.#row = row
  }

  get position(): Position {
    return this.#group.position(this.#row)
  }

  get type(): string {
    return this.#group.unpacked.type(this.#row)
  }

  get schemaVersion(): number {
    return this.#group.unpacked.schemaVersion(this.#row)
  }

  get data(): unknown {
    this.#data ??= this.#group.unpacked.data(this.#row) ?? JSON.parse(this.#group.value('data', this.#row))
    return this.#data
  }

  get stream(): string {
    return this.#group.value('stream', this.#row)
  }

  get revision(): number {
    return this.#group.value('revision', this.#row)
  }

  get id(): string {
    return this.#group.value('id', this.#row)
  }

  get metadata(): Readonly<Record<string, string>> {
    const text = this.#group.value('metadata', this.#row)
    return text === null || text === undefined ? {} : JSON.parse(text)
  }

  get recordedAt(): string {
    return new Date(Number(this.#group.value('recorded_at', this.#row) / 1000n)).toISOString()
  }
}
