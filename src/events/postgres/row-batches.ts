/** Makes batches of events of the lines that a COPY gives, with submissions in columns besides. */
import type { Position, RecordedEvent } from '../event-log.ts'
import type { EventBatch } from '../submitted-run.ts'
import { LinesInColumns } from './lines-in-columns.ts'
import { DATA, fieldsOf, StoredRow } from './stored-row.ts'
import { SubmittedTemplate } from './submitted-template.ts'

const [TAB, LINE_FEED] = [9, 10]
/** In so few bytes there is not enough that is alike to be worth looking for. */
const LEAST_BYTES = 4096
/** Kinds of submissions that are told apart; those of any other are read one by one. */
const MOST_TEMPLATES = 8

/** Of one COPY: what was learnt from its first lines holds for those to come. */
export class RowBatches {
  /** The one that matched last is in front. */
  readonly #templates: SubmittedTemplate[] = []
  #learnt = 0

  /** @param bytes whole lines of the columns `COLUMNS_FOR_FOLD` */
  batch(bytes: Buffer): EventBatch {
    const chunk = new Chunk(bytes)
    const columns = bytes.length < LEAST_BYTES ? undefined : new LinesInColumns(bytes)
    const events: RecordedEvent[] = []
    for (let from = 0; from < bytes.length; ) {
      const end = columns ? this.#take(columns, bytes, from, events.length) : -1
      const to = bytes.indexOf(LINE_FEED, Math.max(from, end))
      events.push(end < 0 ? this.#read(chunk.text(from, to), columns) : new UnreadRow(chunk, from, to))
      from = to + 1
    }
    return columns ? Object.assign(events, { runs: columns.runs() }) : events
  }

  /** @returns where in the line its data ends if it has been taken into the columns, else -1 */
  #take(columns: LinesInColumns, bytes: Buffer, from: number, row: number): number {
    let type = from
    while (bytes[type] !== TAB) type++
    type++
    for (let place = 0; place < this.#templates.length; place++) {
      const template = this.#templates[place]!
      const end = columns.take(template, type, row)
      if (end < 0) continue
      if (place > 0) this.#templates.unshift(...this.#templates.splice(place, 1))
      return end
    }
    return -1
  }

  #read(line: string, columns: LinesInColumns | undefined): StoredRow {
    const fields = fieldsOf(line)
    const row = new StoredRow(fields)
    if (columns && row.type === 'AllocationSubmitted' && this.#learnt < MOST_TEMPLATES) {
      this.#learnt++
      const template = SubmittedTemplate.of(row, fields[DATA]!)
      if (template) this.#templates.unshift(template)
    }
    return row
  }
}

/** The bytes of a batch. */
class Chunk {
  readonly #bytes: Buffer
  #whole: string | undefined

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  position(from: number): Position {
    return BigInt(this.#bytes.toString('latin1', from, this.#bytes.indexOf(TAB, from)))
  }

  text(from: number, to: number): string {
    this.#whole ??= this.#bytes.toString()
    // A character for each byte: then a piece of the whole is had for nothing.
    if (this.#whole.length === this.#bytes.length) return this.#whole.slice(from, to)
    return this.#bytes.toString('utf8', from, to)
  }
}

/** An event in columns: few of these are ever asked for anything, and are read then. */
class UnreadRow implements RecordedEvent {
  readonly #chunk: Chunk
  readonly #from: number
  readonly #to: number
  #row: StoredRow | undefined

  constructor(chunk: Chunk, from: number, to: number) {
    this.#chunk = chunk
    this.#from = from
    this.#to = to
  }

  get #read(): StoredRow {
    this.#row ??= new StoredRow(fieldsOf(this.#chunk.text(this.#from, this.#to)))
    return this.#row
  }

  /** Asked of the first and the last of a run: without reading the rest. */
  get position() {
    return this.#chunk.position(this.#from)
  }

  get stream() {
    return this.#read.stream
  }

  get revision() {
    return this.#read.revision
  }

  get type() {
    return 'AllocationSubmitted'
  }

  get schemaVersion() {
    return this.#read.schemaVersion
  }

  get data() {
    return this.#read.data
  }

  get id() {
    return ''
  }

  get metadata() {
    return {}
  }

  get recordedAt() {
    return ''
  }
}
