/**
 * What an EventStoreDB keeps, in memory, and in a journal if there is one. It outlives the servers in front of it; two
 * servers of one store are a cluster.
 */
import { randomUUID } from 'node:crypto'
import type { Journal } from './journal.ts'

export interface ProposedEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly customMetadata: Uint8Array
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string
  readonly revision: number
  /** Its place in the log file, in bytes: ordered, with gaps. */
  readonly position: bigint
  /** Milliseconds since the epoch. */
  readonly created: number
}

export type Expected = 'any' | 'stream exists' | 'no stream' | number

export type Appended =
  | { readonly revision: number; readonly position: bigint }
  /** Refused: where the stream stands, -1 if there is none. */
  | { readonly current: number }

/** What a record takes beside its data. */
const OVERHEAD = 120n

export class Store {
  readonly events: StoredEvent[] = []
  readonly #streams = new Map<string, StoredEvent[]>()
  readonly #listeners = new Set<() => void>()
  #end = 0n
  #writer: Promise<unknown> = Promise.resolve()
  #held: { readonly stream: string; readonly until: Promise<void> } | undefined

  readonly #journal: Journal | undefined

  constructor(journal?: Journal) {
    // A log begins with an event of the server's own, at position 0.
    this.#show('$epoch-information', [systemEvent('$epoch-information')], Date.now())
    for (const { stream, events, created } of journal?.writes ?? []) this.#show(stream, events, created)
    this.#journal = journal
  }

  stream(name: string): readonly StoredEvent[] {
    return this.#streams.get(name) ?? []
  }

  /** Where the next event will stand. */
  get end(): bigint {
    return this.#end
  }

  /** Appends go one after the other: while one is held, those behind it wait. */
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): Promise<Appended> {
    const appended = this.#writer.then(async () => {
      if (this.#held?.stream === stream) await this.#held.until
      return this.#appendNow(stream, expected, events)
    })
    this.#writer = appended
    return appended
  }

  /** Keeps the next append to `stream` from becoming visible until the returned function is called. */
  hold(stream: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held = { stream, until: promise }
    return () => {
      this.#held = undefined
      resolve()
    }
  }

  /** Events of other programs and of the server itself. */
  addForeign(count: number, stream = '$stats-127.0.0.1:2113'): void {
    for (let n = 0; n < count; n++) this.#write(stream, [systemEvent('$statsCollected')])
  }

  /** Reads and subscriptions may start where an event stands, at 0 and at the end. */
  isPosition(position: bigint): boolean {
    if (position === 0n || position === this.#end) return true
    return this.events[this.indexAfter(position - 1n)]?.position === position
  }

  /** Index in `events` of the first one behind `position`. */
  indexAfter(position: bigint): number {
    let [low, high] = [0, this.events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.events[middle]!.position > position) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Calls `listener` after every write until the returned function is called. */
  onWrite(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The checks of EventStoreDB's IndexWriter: repeated ids at the same place are no conflict. */
  #appendNow(stream: string, expected: Expected, events: readonly ProposedEvent[]): Appended {
    const stored = this.stream(stream)
    const current = stored.length - 1
    if (expected === 'stream exists' && current < 0) return { current }
    if (expected === 'any' || expected === 'stream exists') return this.#appendAnywhere(stream, events)
    const from = expected === 'no stream' ? -1 : expected
    if (from > current) return { current }
    if (from === current) return this.#write(stream, events)
    const same = events.every(({ id }, index) => stored[from + 1 + index]?.id === id)
    return same ? outcomeOf(stored[from + events.length]!) : { current }
  }

  #appendAnywhere(stream: string, events: readonly ProposedEvent[]): Appended {
    const known = events.map(({ id }) => this.stream(stream).find((event) => event.id === id))
    return known.every((event) => event !== undefined)
      ? outcomeOf(known.at(-1)!)
      : this.#write(stream, events)
  }

  #write(stream: string, events: readonly ProposedEvent[]): Appended {
    const created = Date.now()
    this.#journal?.append({ stream, events, created })
    return this.#show(stream, events, created)
  }

  #show(stream: string, events: readonly ProposedEvent[], created: number): Appended {
    const stored = this.#streams.get(stream) ?? []
    this.#streams.set(stream, stored)
    for (const event of events) {
      const written = {
        ...event,
        stream,
        revision: stored.length,
        position: this.#end,
        created,
      }
      stored.push(written)
      this.events.push(written)
      this.#end += OVERHEAD + BigInt(event.data.length + event.customMetadata.length)
    }
    for (const listener of this.#listeners) listener()
    return outcomeOf(stored.at(-1)!)
  }
}

const outcomeOf = ({ revision, position }: StoredEvent): Appended => ({ revision, position })

const systemEvent = (type: string): ProposedEvent => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from('{}'),
  customMetadata: new Uint8Array(),
})
