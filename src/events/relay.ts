import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus, Publisher } from './bus.ts'
import type { EventLog, Position } from './event-log.ts'

export interface RelayOptions {
  readonly log: EventLog
  readonly bus: Bus
  /** Where to begin on a bus that holds nothing, as far as anybody still needs the events. */
  readonly neededAfter: () => Promise<Position>
  /**
   * Told of every failure, and (with nothing) when it works: when everything is on the bus already, and whenever the
   * bus has taken something.
   */
  readonly onOutcome?: (error?: Error) => void
  /** Told up to where the bus has everything. */
  readonly onRelayed?: (position: Position) => void
}

const RESTART_MS = 250
/** So many batches may be on their way to the bus: it must not take a round trip for each. */
const MAX_UNDER_WAY = 32

/**
 * Follows the log and publishes what it finds, in log order, each batch with the position just before it. Runs until
 * `signal` aborts; after any failure it starts anew from where the bus ends.
 */
export async function relay(options: RelayOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await relayOnce(options, signal)
    } catch (error) {
      if (signal.aborted) return
      options.onOutcome?.(error as Error)
      await sleep(RESTART_MS, undefined, { signal }).catch(() => {})
    }
  }
}

async function relayOnce(options: RelayOptions, signal: AbortSignal): Promise<void> {
  const { log, bus, onOutcome, onRelayed } = options
  const publisher = await bus.publisher()
  const head = await log.head()
  let previous = await startOf(publisher, head, options)
  // A bus that can be asked may still refuse what is published: with something to publish, that is to be seen first.
  onRelayed?.(previous)
  let works = previous >= head
  const succeeded = () => {
    works = true
    onOutcome?.()
  }
  if (works) succeeded()
  const failed = new AbortController()
  const until = AbortSignal.any([signal, failed.signal])
  const underWay: Promise<void>[] = []
  try {
    const onConnection = (error?: Error) => {
      if (error || works) onOutcome?.(error)
    }
    const follow = { after: previous, signal: until, onConnection }
    for await (const events of log.subscribe(follow)) {
      const publishing = publisher.publish({ previous, events })
      // However quiet the log is from now on, the failure is noticed at once.
      const { position } = events.at(-1)!
      const taken = () => {
        succeeded()
        onRelayed?.(position)
      }
      publishing.then(taken, (error: unknown) => failed.abort(error))
      underWay.push(publishing)
      if (underWay.length >= MAX_UNDER_WAY) await underWay.shift()
      previous = position
    }
  } finally {
    await Promise.allSettled(underWay)
  }
  failed.signal.throwIfAborted()
}

/** A bus that ends behind the log's end carries another log's events, or this one's from before a restored backup. */
async function startOf(
  { last }: Publisher,
  head: Position,
  { bus, neededAfter }: RelayOptions,
): Promise<Position> {
  if (last !== undefined && last <= head) return last
  if (last !== undefined) await bus.clear()
  return await neededAfter()
}
