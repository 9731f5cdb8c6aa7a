/** The one file that knows `@eventstore/db-client` 6.2, and what to beware of in it. */
import { setImmediate } from 'node:timers/promises'
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client'
import type { Position } from '../event-log.ts'
import { Inbox, takeAll } from './inbox.ts'
import { typeOf } from './lost.ts'
import type { StoredItem, toStored } from './stored-event.ts'

/**
 * A place in $all as the server means it. An event stands where both are the same; but the end of the log is told with
 * the commit position of the event that will come next, and a smaller prepare position.
 */
export interface Place {
  readonly commit: bigint
  readonly prepare: bigint
}

/** Something of ours, or only how far the server has searched for it. */
export type Found = { readonly item: StoredItem } | { readonly searchedUpTo: Place }

/** Where an event stands. */
export const placeOf = (position: Position): Place => ({ commit: position, prepare: position })

export interface Search {
  /** Exclusive; undefined: from the start. */
  readonly after: Place | undefined
  /** How the names of the streams begin. */
  readonly prefixes: readonly string[]
  readonly signal: AbortSignal | undefined
  /** Longest silence. */
  readonly timeoutMs?: number | undefined
  /** Told when the server has taken the subscription. */
  readonly onConfirmed?: (() => void) | undefined
}

/** The leader, always: another node may not have yet what was just acknowledged. */
const requiresLeader = true
/** The server drops a repeated append whose first copy is not replicated yet, without a word. */
const ATTEMPT_MS = 2000
/** Events searched in one step, and steps after which we are told how far: an idle filter is not searched again. */
const SEARCH_WINDOW = 500
const CHECKPOINT_INTERVAL = 2

/** EventStoreDB as far as the event log needs it. Deadlines are in ms since the epoch. */
export class EventStoreClient {
  readonly #client: EventStoreDBClient

  constructor(url: string) {
    this.#client = connect(url)
  }

  /** @throws what the client throws: `typeOf` tells which */
  async append(
    stream: string,
    events: readonly ReturnType<typeof toStored>[],
    expected: number,
    deadline: number,
  ): Promise<void> {
    await this.#client.appendToStream(
      stream,
      events.map((event) => jsonEvent(event)),
      {
        expectedRevision: expected < 0 ? 'no_stream' : BigInt(expected),
        requiresLeader,
        deadline: Math.max(1, Math.min(ATTEMPT_MS, deadline - Date.now())),
      },
    )
  }

  /** From `fromRevision` on, at most `maxCount`; nothing if there is no such stream. */
  async readStream(
    stream: string,
    range: { fromRevision?: bigint; maxCount?: number },
    deadline: number,
  ): Promise<StoredItem[]> {
    try {
      return await takeAll(this.#client.readStream(stream, { ...range, requiresLeader }), deadline)
    } catch (error) {
      if (typeOf(error) === 'stream-not-found') return []
      throw error
    }
  }

  /** The last `maxCount` events of all, or of those before a position, the newest first. */
  readBackwards(before: Position | undefined, maxCount: number, deadline: number): Promise<StoredItem[]> {
    const fromPosition = before === undefined ? 'end' : placeOf(before)
    const options = { direction: 'backwards', fromPosition, maxCount, requiresLeader } as const
    return takeAll(this.#client.readAll(options), deadline)
  }

  /** What one catch-up subscription finds, until the server ends it or `signal` aborts. */
  async *search({ after, prefixes, signal, timeoutMs, onConfirmed }: Search): AsyncGenerator<Found[]> {
    const inbox = new Inbox<Found>()
    const subscription = this.#client.subscribeToAll({
      fromPosition: after ?? 'start',
      requiresLeader,
      filter: streamNameFilter({
        prefixes: [...prefixes],
        maxSearchWindow: SEARCH_WINDOW,
        checkpointInterval: CHECKPOINT_INTERVAL,
        // Told before the events in front of it have come out: then it is passed over.
        checkpointReached: async (_, searchedUpTo) => {
          if (subscription.readableLength === 0) inbox.put({ searchedUpTo })
        },
      }),
    })
    if (onConfirmed) subscription.on('confirmation', onConfirmed)
    const stop = () => inbox.end()
    signal?.addEventListener('abort', stop, { once: true })
    inbox.fill(subscription, (item: StoredItem) => ({ item }))
    try {
      for (;;) {
        const found = await inbox.take(timeoutMs)
        if (signal?.aborted || found.length === 0) return
        yield found
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      subscription.unsubscribe().catch(() => {})
    }
  }

  /** What the server says it is: `24.10.0`. Undefined if it cannot tell, as before 21.10. */
  async version(): Promise<string | undefined> {
    const { serverVersion } = await internals(this.#client).capabilities
    return serverVersion === 'unknown' ? undefined : serverVersion
  }

  /** Ends whatever is under way, and the connection. */
  async close(): Promise<void> {
    await this.#client.dispose()
    // The client has no way to end its connection. Without one, this would wait until another is made.
    const closed = internals(this.#client)
      .getChannel()
      .then((channel) => channel.close())
    await Promise.race([closed.catch(() => {}), setImmediate()])
  }
}

/** What the client keeps to itself, and has to be different here. */
interface Internals {
  supports: () => Promise<boolean>
  handleError: (...call: unknown[]) => Promise<void>
  readonly capabilities: Promise<{ readonly serverVersion: string }>
  readonly getChannel: () => Promise<{ close(): void }>
}

const internals = (client: EventStoreDBClient): Internals => client as unknown as Internals

/**
 * The client for `url`, without three habits of version 6.2:
 * - it appends over one shared call, whose loss rejects the pending appends of every client in the process; an answer
 *   that arrives for one of them afterwards ends the process. So it is told that the server cannot do that;
 * - it reports a conflict with a wrong revision when the URL says `throwOnAppendFailure=false`;
 * - after a call that failed it looks whether another connection is being made, without waiting for the outcome: that no
 *   node can be found then ends the process. Whoever calls next is told.
 */
function connect(url: string): EventStoreDBClient {
  const separator = url.includes('?') ? '&' : '?'
  const client = EventStoreDBClient.connectionString(`${url}${separator}throwOnAppendFailure=true`)
  const own = internals(client)
  own.supports = async () => false
  const { handleError } = own
  own.handleError = (...call) => handleError(...call).catch(() => {})
  return client
}
