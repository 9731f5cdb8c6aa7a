/** The period indexes of the polls asked for last, each brought up to date before it is used. */
import { withDeadline } from '../deadline.ts'
import { type Position, START } from '../events/event-log.ts'
import { WHOLE } from '../events/poll-events.ts'
import {
  type PeriodKind,
  type PeriodReader,
  type PollOfPeriods,
  ReaderLost,
} from '../projections/period-aggregate.ts'
import { InconsistentAggregate, rankOf } from '../projections/poll-aggregate.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { COUNTS, PeriodIndex, PeriodRows } from './period-index.ts'
import { RecentlyUsed } from './recently-used.ts'

/** So many are kept, each of one poll and one kind: at 20 MB for five full years, at most 320 MB. */
const KEPT = 16

/** Whoever has something older to show waits no longer for what is new; a first load may take its time. */
const PATIENCE_MS = 1000
const LOADING_MS = 60_000

/** An index as it stands at a position of the log. It goes on changing: read it before anything else is awaited. */
export interface IndexedPeriods {
  /** Of the projection that it was read from. */
  readonly version: number
  /** Of the promotion by which that became the live one. */
  readonly generation: number
  readonly index: PeriodIndex
  readonly position: Position
  readonly about: PollOfPeriods
}

/** A reading under way, shared by all who wait for it. */
interface Reading {
  readonly done: Promise<void>
  /** Done, failed, or it takes too long for those who know something older. */
  readonly settledOrSlow: Promise<void>
  readonly controller: AbortController
  waiting: number
}

interface Entry {
  readonly width: number
  known: IndexedPeriods | undefined
  reading: Reading | undefined
}

export class PeriodIndexes {
  readonly #periods: PeriodReader
  readonly #breaker = new CircuitBreaker('periods')
  readonly #entries = new RecentlyUsed<Entry>(KEPT)

  constructor(periods: PeriodReader) {
    this.#periods = periods
  }

  /**
   * The index of a poll, with everything in it that the projection has now; as it was last known if that cannot be
   * read. What changed is read once however many ask at the same time, and no further when all of them are gone.
   * @param categories how many the poll has
   * @throws if nothing is known and nothing can be read
   */
  async current(
    poll: string,
    kind: PeriodKind,
    categories: number,
    signal?: AbortSignal,
  ): Promise<IndexedPeriods> {
    const key = `${poll} ${kind}`
    const entry =
      this.#entries.get(key) ??
      this.#entries.set(key, { width: COUNTS + categories, known: undefined, reading: undefined })
    entry.reading ??= this.#read(entry, poll, kind)
    const { reading } = entry
    await waitFor(reading, entry.known ? reading.settledOrSlow : reading.done, signal)
    // What was known may have turned out to be wrong: then it failed, and says how.
    if (!entry.known) await reading.done
    return entry.known!
  }

  #read(entry: Entry, poll: string, kind: PeriodKind): Reading {
    const controller = new AbortController()
    const { signal } = controller
    const forget = () => {
      if (entry.reading === reading) entry.reading = undefined
    }
    // Whoever comes later must not wait for what everybody else has left.
    signal.addEventListener('abort', forget)
    const work = () => withDeadline(LOADING_MS, 'the periods', this.#bringUpToDate(entry, poll, kind, signal))
    const done = this.#breaker.run(work).finally(() => {
      forget()
      controller.abort()
    })
    const settledOrSlow = withDeadline(PATIENCE_MS, 'the periods', done).catch(() => {})
    const reading: Reading = { done, settledOrSlow, controller, waiting: 0 }
    return reading
  }

  async #bringUpToDate(entry: Entry, poll: string, kind: PeriodKind, signal: AbortSignal): Promise<void> {
    try {
      const known = entry.known
      const seen = known && { since: known.position, atLeast: rankIn(known) }
      const changes = await this.#changes(entry, poll, kind, seen ?? { since: START }, signal)
      const isAnother =
        known !== undefined && (changes.version !== known.version || changes.checkpoint < known.position)
      if (!isAnother) return signal.aborted ? undefined : keep(entry, poll, known?.index, changes)
      // The projection is another one than before: nothing that is known holds of it.
      const all = await this.#changes(entry, poll, kind, { since: START, atLeast: changes.rank }, signal)
      if (!signal.aborted) keep(entry, poll, undefined, all)
    } catch (error) {
      // Nobody waits for it any more: no fault of whom it was read from.
      if (!signal.aborted) throw error
    }
  }

  async #changes(
    { width }: Entry,
    poll: string,
    kind: PeriodKind,
    from: { readonly since: Position; readonly atLeast?: bigint },
    signal: AbortSignal,
  ): Promise<Changes> {
    return await onceMore(async () => {
      const { periods, ...now } = await this.#periods.sums(poll, kind, { ...from, signal })
      const { version, generation = 0, checkpoint, about } = now
      const rows = new PeriodRows(width)
      for await (const batch of periods) for (const period of batch) rows.add(period)
      return {
        version,
        generation,
        checkpoint,
        about,
        rows,
        rank: rankOf({ generation, position: checkpoint }),
      }
    })
  }
}

const rankIn = ({ generation, position }: Pick<IndexedPeriods, 'generation' | 'position'>): bigint =>
  rankOf({ generation, position })

/** Where who was read from is lost on the way, another one is asked. */
export async function onceMore<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ReaderLost)) throw error
    return await read()
  }
}

interface Changes {
  readonly version: number
  readonly generation: number
  readonly rank: bigint
  readonly checkpoint: Position
  readonly about: PollOfPeriods
  readonly rows: PeriodRows
}

/** All at once: nobody sees half of a change. @throws {InconsistentAggregate} nothing is known then */
function keep(
  entry: Entry,
  poll: string,
  index = new PeriodIndex(entry.width - COUNTS),
  changes: Changes,
): void {
  entry.known = undefined
  if (changes.rows.length > 0) index.apply(changes.rows)
  assertWhole(index, poll)
  const { version, generation, checkpoint, about } = changes
  entry.known = { index, version, generation, position: checkpoint, about }
}

/** Waits with others; the reading is given up when all have left. @throws the signal's reason when it aborts */
async function waitFor(reading: Reading, promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const { promise: left, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal?.reason)
  signal?.addEventListener('abort', leave, { once: true })
  reading.waiting++
  try {
    await Promise.race([promise, left])
  } finally {
    signal?.removeEventListener('abort', leave)
    reading.waiting--
    if (signal?.aborted && reading.waiting === 0) reading.controller.abort()
  }
}

/** @throws {InconsistentAggregate} */
function assertWhole(index: PeriodIndex, poll: string): void {
  if (index.end === undefined) return
  const total = new Float64Array(index.width)
  index.addTotal(index.end, total, 0, 1)
  const sum = total.subarray(COUNTS).reduce((partial, each) => partial + each, 0)
  if (sum !== total[0]! * WHOLE)
    throw new InconsistentAggregate(`the periods of ${poll} sum to ${sum}, not to ${total[0]} wholes`)
}
