import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AppendOutcome,
  type EventLog,
  EventLogUnavailable,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type RecordedEvent,
  START,
  type SubscribeOptions,
  WrongExpectedRevision,
} from './event-log.ts'
import { EventStoreClient, type Found, type Place, placeOf, type Search } from './eventstore/client.ts'
import { HeadSearch } from './eventstore/head-search.ts'
import { isLost, typeOf, unavailable } from './eventstore/lost.ts'
import { metadataOf, positionOf, type StoredItem, toRecorded, toStored } from './eventstore/stored-event.ts'

export interface EventStoreEventLogOptions {
  /** `esdb://…` or `esdb+discover://…`; TLS and credentials are part of it. */
  readonly url: string
  /** Stands before the names of all our streams, so that several logs can share a server. */
  readonly prefix?: string
  /** How the names of our streams begin; everything else on the server is none of our business. */
  readonly streams?: readonly string[]
  /** How long an append or a read may take, lost connections and repeats included, milliseconds. */
  readonly deadlineMs?: number
  /** Told of each append that was written, as of a commit of one append. */
  readonly onCommit?: (appends: number) => void
}

type Message = ReturnType<typeof toStored>

/** How far a reader is. Moves when the reader asks for more, so nothing is skipped that was not dealt with. */
interface Cursor {
  /** The last event that was dealt with. */
  at: Position
  /** Where to search on: there, or behind it where the server has found nothing of ours. */
  from: Place | undefined
}

const RETRY_MS = 100

/** The event log in EventStoreDB. Positions are commit positions in $all. */
export class EventStoreEventLog implements EventLog {
  readonly #client: EventStoreClient
  readonly #prefix: string
  readonly #streams: readonly string[]
  readonly #deadlineMs: number
  readonly #onCommit: (appends: number) => void
  readonly #closing = new AbortController()
  readonly #underway = new Set<Promise<unknown>>()
  readonly #head = new HeadSearch((item) => this.#isOurs(item))

  constructor({
    url,
    prefix = '',
    streams = ['poll-', 'submission-', 'parked-'],
    deadlineMs = 5000,
    onCommit = () => {},
  }: EventStoreEventLogOptions) {
    this.#client = new EventStoreClient(url)
    this.#prefix = prefix
    this.#streams = streams.map((name) => prefix + name)
    this.#deadlineMs = deadlineMs
    this.#onCommit = onCommit
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expectedRevision: number,
  ): Promise<AppendOutcome> {
    if (events.length === 0) throw new RangeError('an append needs at least one event')
    this.#assertOpen()
    const append = randomUUID()
    const messages = events.map((event) => toStored(event, append))
    const outcome = this.#untilDeadline((deadline) =>
      this.#appendOnce(stream, messages, expectedRevision, append, deadline),
    )
    this.#underway.add(outcome)
    return await outcome.finally(() => this.#underway.delete(outcome))
  }

  async readStream(stream: string): Promise<RecordedEvent[]> {
    const items = await this.#untilDeadline((deadline) =>
      this.#client.readStream(this.#prefix + stream, {}, deadline),
    )
    return items.map((item) => toRecorded(item, this.#prefix))
  }

  async *readAll({ after, upTo, signal }: ReadAllOptions): AsyncGenerator<RecordedEvent[]> {
    signal?.throwIfAborted()
    const head = await this.head()
    // Some event of ours stands at the head, so the search below comes to an end.
    const end = upTo !== undefined && upTo < head ? upTo : head
    const cursor = cursorAt(after)
    let progress = Date.now()
    while (cursor.at < end) {
      let failure: unknown = new EventLogUnavailable('the reading ended too early')
      try {
        for await (const events of this.#search(cursor, { signal, timeoutMs: this.#deadlineMs })) {
          const within = events.filter(({ position }) => position <= end)
          if (within.length > 0) yield within
          if (events.length > 0 && events.at(-1)!.position >= end) return
          progress = Date.now()
        }
      } catch (error) {
        failure = error
      }
      signal?.throwIfAborted()
      this.#assertOpen()
      if (!isLost(failure) || Date.now() - progress > this.#deadlineMs) throw unavailable(failure)
      await sleep(RETRY_MS)
    }
  }

  async *subscribe({
    after,
    signal,
    onConnection = () => {},
  }: SubscribeOptions): AsyncGenerator<RecordedEvent[]> {
    const cursor = cursorAt(after)
    const ended = AbortSignal.any([signal, this.#closing.signal])
    while (!ended.aborted) {
      try {
        for await (const events of this.#search(cursor, { signal: ended, onConfirmed: () => onConnection() }))
          if (events.length > 0) yield events
        if (!ended.aborted) onConnection(new EventLogUnavailable('the subscription has ended'))
      } catch (error) {
        if (ended.aborted) return
        if (!isLost(error)) throw unavailable(error)
        onConnection(error as Error)
      }
      await sleep(RETRY_MS, undefined, { signal: ended }).catch(() => {})
    }
  }

  head(): Promise<Position> {
    return this.#untilDeadline((deadline) =>
      this.#head.find((before, maxCount) => this.#client.readBackwards(before, maxCount, deadline)),
    )
  }

  /** Asks the server for anything at all. @throws {EventLogUnavailable} if it does not answer */
  async answers(): Promise<void> {
    await this.#untilDeadline((deadline) => this.#client.readBackwards(undefined, 1, deadline))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#underway)
    await this.#client.close()
  }

  /** Repeats what got lost until the deadline. */
  async #untilDeadline<T>(action: (deadline: number) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#deadlineMs
    for (;;) {
      try {
        return await action(deadline)
      } catch (error) {
        if (!isLost(error) || Date.now() + RETRY_MS >= deadline) throw unavailable(error)
        await sleep(RETRY_MS)
      }
    }
  }

  async #appendOnce(
    stream: string,
    messages: Message[],
    expected: number,
    append: string,
    deadline: number,
  ): Promise<AppendOutcome> {
    try {
      await this.#client.append(this.#prefix + stream, messages, expected, deadline)
    } catch (error) {
      if (typeOf(error) !== 'wrong-expected-version') throw error
      const { actualVersion } = error as { actualVersion?: bigint | 'no_stream' }
      const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : -1
      throw new WrongExpectedRevision(stream, expected, actual)
    }
    // The server answers a repeated append like the first one. The event itself tells who wrote it.
    const revision = expected + messages.length
    const last = { fromRevision: BigInt(revision), maxCount: 1 }
    const [written] = await this.#client.readStream(this.#prefix + stream, last, deadline)
    if (!written?.event) throw new EventLogUnavailable(`the append to ${stream} cannot be read yet`)
    const repeated = metadataOf(written.event).append !== append
    if (!repeated) this.#onCommit(1)
    this.#head.saw(positionOf(written))
    return { revision, position: positionOf(written), repeated }
  }

  /**
   * Our events after the cursor, from one catch-up subscription; none when the server has only told how far it has
   * searched. Ends when `signal` aborts.
   */
  async *#search(
    cursor: Cursor,
    options: Pick<Search, 'signal' | 'timeoutMs' | 'onConfirmed'>,
  ): AsyncGenerator<RecordedEvent[]> {
    this.#assertOpen()
    const search = { ...options, after: cursor.from, prefixes: this.#streams }
    for await (const found of this.#client.search(search)) {
      yield this.#events(found, cursor)
      for (const each of found) advance(cursor, each)
    }
  }

  #events(found: readonly Found[], { at }: Cursor): RecordedEvent[] {
    const items = found.flatMap((each) => ('item' in each ? [each.item] : []))
    const fresh = items.filter((item) => this.#isOurs(item) && positionOf(item) > at)
    const last = fresh.at(-1)
    if (last) this.#head.saw(positionOf(last))
    return fresh.map((item) => toRecorded(item, this.#prefix))
  }

  /** The server writes events of its own, such as a stream's deletion, into streams of ours too. */
  #isOurs({ event }: StoredItem): boolean {
    if (!event || event.type.startsWith('$')) return false
    return this.#streams.some((prefix) => event.streamId.startsWith(prefix))
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new EventLogUnavailable('the event log is closed')
  }
}

const cursorAt = (at: Position): Cursor => ({ at, from: at === START ? undefined : placeOf(at) })

function advance(cursor: Cursor, found: Found): void {
  if ('item' in found) Object.assign(cursor, cursorAt(positionOf(found.item)))
  else cursor.from = found.searchedUpTo
}
