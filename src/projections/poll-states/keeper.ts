import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '../../events/event-log.ts'
import type { PollStates } from './poll-states.ts'
import type { Segment, SegmentRange } from './segment.ts'

export interface KeeperOptions {
  readonly states: Pick<PollStates, 'latest' | 'polls' | 'save'>
  readonly log: Pick<EventLog, 'head'>
  /** Folds a part of the log, away from the event loop. */
  readonly foldSegment: (range: SegmentRange, signal: AbortSignal) => Promise<Segment | undefined>
  /** How far apart the positions of two events are. */
  readonly positionsPerEvent: bigint
  /** Told after each boundary. */
  readonly onKept?: (segment: Segment) => void
  /** Events in a segment, at least. */
  readonly events?: number
  readonly lookEveryMs?: number
}

/** Reading a state costs about as much as folding so many events: more often would not make answers faster. */
const EVENTS = 20_000
/** A boundary comes at least so often while there is traffic. */
const A_DAY_MS = 86_400_000
const LOOK_EVERY_MS = 5000

/**
 * Follows the log at some distance and keeps the state of every poll at a boundary now and then, an existing log from
 * its start. Ends when `signal` aborts.
 * @throws when the log or the database fails: it goes on from what is stored when it is called again
 */
export async function keepPollStates(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  await keep(options, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function keep(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  const { states, log, onKept, events = EVENTS, positionsPerEvent, lookEveryMs = LOOK_EVERY_MS } = options
  let [size, stretch] = [0, 1n]
  while (!signal.aborted) {
    const [{ position, madeAt }, head] = [await states.latest(), await log.head()]
    const isDue = head > position && madeAt !== undefined && Date.now() - madeAt.getTime() >= A_DAY_MS
    // A state with many values takes more to store and to read: its boundaries are further apart.
    const span = BigInt(Math.max(events, size)) * positionsPerEvent * stretch
    if (!isDue && head - position < span) {
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
      continue
    }
    const base = await states.polls(position)
    const upTo = head - position < span ? head : position + span
    const segment = await options.foldSegment({ base, after: position, upTo }, signal)
    // Where positions are sparse, a span may hold none of our events.
    stretch = segment ? 1n : 2n * stretch
    if (!segment || !(await states.save(segment))) continue
    size = sizeOf(segment)
    onKept?.(segment)
  }
}

const sizeOf = ({ polls }: Segment): number =>
  polls.flatMap(({ state }) => state.categories).reduce((size, { histogram }) => size + histogram.size, 0)
