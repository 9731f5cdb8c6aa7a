import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus } from './bus.ts'
import type { EventLog } from './event-log.ts'

export interface RelayOptions {
  readonly log: EventLog
  readonly bus: Bus
  /** Told of every failure, and (with nothing) when the log is back. */
  readonly onConnection?: (error?: Error) => void
}

const RESTART_MS = 250

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
      options.onConnection?.(error as Error)
      await sleep(RESTART_MS, undefined, { signal }).catch(() => {})
    }
  }
}

/** A bus that keeps nothing is joined at the log's head: older events a projector reads from the log itself. */
async function relayOnce({ log, bus, onConnection }: RelayOptions, signal: AbortSignal): Promise<void> {
  let previous = (await bus.lastPosition()) ?? (await log.head())
  const options = { after: previous, signal, ...(onConnection && { onConnection }) }
  for await (const events of log.subscribe(options)) {
    await bus.publish({ previous, events })
    previous = events.at(-1)!.position
  }
}
