/** Keeps what a store takes in a file, so that its server may be killed: one line of JSON for each write. */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { ProposedEvent } from './store.ts'

export interface Write {
  readonly stream: string
  readonly events: readonly ProposedEvent[]
  /** Milliseconds since the epoch. */
  readonly created: number
}

export class Journal {
  readonly #file: number
  /** What was there when it was opened. */
  readonly writes: readonly Write[]

  /** @param path made if it does not exist */
  constructor(path: string) {
    this.#file = openSync(path, 'a+')
    const text = readFileSync(path)
    // A write that a crash has cut short was not acknowledged.
    const end = text.lastIndexOf('\n') + 1
    ftruncateSync(this.#file, end)
    const lines = text.toString('utf8', 0, end).split('\n').slice(0, -1)
    this.writes = lines.map((line) => fromLine(JSON.parse(line)))
  }

  /** Returns when it is on disk. */
  append({ stream, events, created }: Write): void {
    const line = Buffer.from(`${JSON.stringify({ stream, created, events: events.map(toJson) })}\n`)
    for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written)
    fdatasyncSync(this.#file)
  }

  close(): void {
    closeSync(this.#file)
  }
}

const toJson = ({ data, customMetadata, ...event }: ProposedEvent) => ({
  ...event,
  data: Buffer.from(data).toString('base64'),
  customMetadata: Buffer.from(customMetadata).toString('base64'),
})

type Line = Omit<Write, 'events'> & { readonly events: readonly ReturnType<typeof toJson>[] }

const fromLine = ({ events, ...write }: Line): Write => ({
  ...write,
  events: events.map(({ data, customMetadata, ...event }) => ({
    ...event,
    data: Buffer.from(data, 'base64'),
    customMetadata: Buffer.from(customMetadata, 'base64'),
  })),
})
