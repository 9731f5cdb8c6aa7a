/** How the collective budget moved: by hour, day, week or month of a time zone. */
import { Problem } from '../errors.ts'
import type { Position } from '../events/event-log.ts'
import type { PollDefinition } from '../events/poll-events.ts'
import type { PeriodKind, PeriodReader } from '../projections/period-aggregate.ts'
import { rankOf } from '../projections/poll-aggregate.ts'
import { type BucketKind, type Calendar, calendarOf } from './calendar.ts'
import type { PeriodIndex } from './period-index.ts'
import { type IndexedPeriods, onceMore, PeriodIndexes } from './period-indexes.ts'
import { RecentlyUsed } from './recently-used.ts'
import type { ResultsQuery } from './results.ts'
import { invalid, rangeOf, type TrendsDetail, type TrendsRequest, type TrendsView } from './trends-request.ts'
import { type BucketStatistics, statisticsOf } from './trends-statistics.ts'

/** An answer: one row for each bucket. Everything in it is of one position. */
export interface Trends {
  readonly definition: PollDefinition
  // From the stored periods, or from those that a replay by hand has added up.
  readonly tier: 'projection' | 'replay'
  readonly position: Position
  /** The latest time at which anything that is counted occurred, ISO 8601; null while nothing is known of it. */
  readonly asOf: string | null
  /** Events of the poll that could not be applied. */
  readonly parked: number
  /** Of the periods: the same position of another one may give other numbers. */
  readonly version: number
  readonly view: TrendsView
  readonly detail: TrendsDetail
  readonly bucket: BucketKind
  /** Name of the time zone. */
  readonly zone: string
  readonly calendar: Calendar
  /** So many of the buckets are over; the last one may go on. */
  readonly complete: number
  /** Numbers in a row: counted, excluded, withdrawn, then each category's sum in basis points. */
  readonly width: number
  readonly rows: Float64Array
}

/** Trends in full detail. */
export interface DetailedTrends extends Trends {
  /** One for each bucket. */
  readonly statistics: readonly BucketStatistics[]
}

export interface TrendsQueryOptions {
  readonly periods: PeriodReader
  /** Knows what a poll asks. */
  readonly results: Pick<ResultsQuery, 'poll'>
  readonly now: () => Date
}

/** Full detail reads at most so many periods (a second or so), for so many askers at once. */
const MOST_PERIODS = 20_000
const AT_ONCE = 2

/** The stored periods whose sums make up a view. */
const kindOf: Readonly<Record<TrendsView, PeriodKind>> = { period: 'cast', cumulative: 'change' }

/**
 * Answers from the projection's quarters of an hour. Their sums are kept in memory as running totals and brought up
 * to date before each answer, so that what an answer costs depends on its buckets alone.
 */
export class TrendsQuery {
  readonly #options: TrendsQueryOptions
  readonly #indexes: PeriodIndexes
  #detailing = 0
  readonly #definitions = new RecentlyUsed<PollDefinition>(64)

  constructor(options: TrendsQueryOptions) {
    this.#options = options
    this.#indexes = new PeriodIndexes(options.periods)
  }

  /**
   * Counts and sums. Whole buckets: the first one holds `from`, the last one what is just before `to`.
   * @param signal ends the question when nobody waits for the answer any more
   * @throws {Problem} POLL_NOT_FOUND, INVALID_REQUEST, RESULTS_UNAVAILABLE
   */
  async trends(poll: string, request: TrendsRequest, signal?: AbortSignal): Promise<Trends> {
    const definition = await this.#definition(poll)
    const { index, position, version, about } = await this.#current(definition, kindOf[request.view], signal)
    const now = this.#options.now().getTime()
    // Nothing occurs later than now, but by a clock that is ahead of ours: that counts, too.
    const { bucket, from, to } = rangeOf(request, index.first, Math.max(now, index.end ?? now))
    const calendar = calendarOf(request.zone, bucket, from, to)
    const rows = request.view === 'period' ? differences(index, calendar) : totals(index, calendar)
    const { view, detail, zone } = request
    return {
      ...about,
      ...{
        definition,
        tier: 'projection',
        position,
        version,
        view,
        detail,
        bucket,
        zone: zone.name,
        calendar,
      },
      ...{ complete: calendar.bounds.subarray(1).findLastIndex((end) => end <= now) + 1 },
      ...{ width: index.width, rows },
    }
  }

  /**
   * The same with quantiles, deviations and the truthful budget. Reads every period in the range.
   * @throws {Problem} INVALID_REQUEST for too many periods, REPLAY_BUSY, RESULTS_UNAVAILABLE
   */
  async detailed(trends: Trends, signal?: AbortSignal): Promise<DetailedTrends> {
    const { definition, view, calendar } = trends
    const { index, generation, position } = await this.#current(definition, kindOf[view], signal)
    const [begin, end] = [calendar.bounds[0]!, calendar.bounds.at(-1)!]
    // Running totals begin with the first period that there is.
    const from = view === 'period' ? begin : Math.min(begin, index.first ?? begin)
    checkPeriods(index.periodsBefore(end) - index.periodsBefore(from))
    if (this.#detailing >= AT_ONCE)
      throw new Problem('REPLAY_BUSY', {
        detail: 'Other trends are being computed in full detail.',
        retryAfter: 5,
      })
    this.#detailing++
    try {
      const atLeast = rankOf({ generation, position })
      const options = { from, to: end, atLeast, ...(signal && { signal }) }
      const read = () => this.#options.periods.aggregates(definition.poll, kindOf[view], options)
      return { ...trends, ...(await onceMore(() => statisticsOf(read(), trends))) }
    } catch (cause) {
      throw signal?.aborted ? signal.reason : unavailable(cause)
    } finally {
      this.#detailing--
    }
  }

  async #definition(poll: string): Promise<PollDefinition> {
    const known = this.#definitions.get(poll)
    return known ?? this.#definitions.set(poll, (await this.#options.results.poll(poll)).definition)
  }

  async #current(
    { poll, categories }: PollDefinition,
    kind: PeriodKind,
    signal?: AbortSignal,
  ): Promise<IndexedPeriods> {
    try {
      return await this.#indexes.current(poll, kind, categories.length, signal)
    } catch (cause) {
      throw signal?.aborted ? signal.reason : unavailable(cause)
    }
  }
}

const unavailable = (cause: unknown): Problem => new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })

/** What the periods within each bucket add up to. */
function differences(index: PeriodIndex, { bounds }: Calendar): Float64Array {
  const rows = new Float64Array((bounds.length - 1) * index.width)
  for (let row = 0; row + 1 < bounds.length; row++) {
    index.addTotal(bounds[row + 1]!, rows, row * index.width, 1)
    index.addTotal(bounds[row]!, rows, row * index.width, -1)
  }
  return rows
}

/** What all periods up to the end of each bucket add up to. */
function totals(index: PeriodIndex, { bounds }: Calendar): Float64Array {
  const rows = new Float64Array((bounds.length - 1) * index.width)
  for (let row = 0; row + 1 < bounds.length; row++)
    index.addTotal(bounds[row + 1]!, rows, row * index.width, 1)
  return rows
}

function checkPeriods(periods: number): void {
  if (periods <= MOST_PERIODS) return
  const message = `Full detail reads at most ${MOST_PERIODS.toLocaleString('en')} quarters of an hour in which anybody took part; here are ${periods.toLocaleString('en')}. Choose a shorter range, or detail=sums.`
  throw invalid([{ field: 'detail', code: 'too-much', message }])
}
