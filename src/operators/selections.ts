import type { ExclusionFilter } from '../commands/exclusions.ts'
import { load } from '../commands/handler.ts'
import { evolveSubmission, noSubmission, type SubmissionState } from '../commands/submission-state.ts'
import { DeadlineExceeded } from '../deadline.ts'
import { Problem } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
import { submissionStream } from '../events/submission-events.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { PoolFull, type ReplayPool } from '../queries/replay-pool.ts'
import type { ResultsQuery } from '../queries/results.ts'
import { IdSet } from '../queries/selection/id-set.ts'
import type { SelectedPart } from '../queries/selection/select-submissions.ts'
import { eachAtOnce } from './each-at-once.ts'
import { invalidFilter } from './exclusion-filter.ts'
import { Sum } from './exclusion-numbers.ts'

/** The submissions that are meant, and what they add up to. */
export interface Selection {
  readonly poll: PollAggregate
  readonly ids: IdSet
  readonly counted: SelectedPart
  readonly excluded: SelectedPart
  readonly withdrawn: number
}

export interface SelectionsOptions {
  readonly log: Pick<EventLog, 'head' | 'readStream'>
  readonly results: Pick<ResultsQuery, 'results'>
  /** Reads the log away from the event loop. */
  readonly pool: Pick<ReplayPool, 'ask'>
  readonly deadlineMs: number
  readonly onProgress?: ((events: number) => void) | undefined
}

const STREAMS_AT_ONCE = 16
/** So many are named where some are not there. */
const NAMED = 5

/** A submission as its stream tells it. @throws {Problem} EVENT_LOG_UNAVAILABLE */
export const stateOf = async (
  log: Pick<EventLog, 'readStream'>,
  submission: string,
): Promise<SubmissionState> =>
  (await load(log, submissionStream(submission), evolveSubmission, noSubmission)).state

/** Finds what a filter means: by the streams where ids are given, else by reading the log. */
export class Selections {
  readonly #options: SelectionsOptions

  constructor(options: SelectionsOptions) {
    this.#options = options
  }

  /** @throws {Problem} POLL_NOT_FOUND, INVALID_REQUEST, EVENT_LOG_UNAVAILABLE, RESULTS_UNAVAILABLE, REPLAY_BUSY */
  async find(filter: ExclusionFilter, signal?: AbortSignal): Promise<Selection> {
    return await (filter.submissions
      ? this.#byId(filter.poll, filter.submissions)
      : this.#byCondition(filter, signal))
  }

  async #byId(name: string, submissions: readonly string[]): Promise<Selection> {
    const { log, results } = this.#options
    const { aggregate: poll } = await results.results(name)
    const [ids, counted, excluded] = [new IdSet(), new Sum(poll), new Sum(poll)]
    const missing: string[] = []
    let withdrawn = 0
    for (const id of submissions) ids.add(id)
    await eachAtOnce(submissions, STREAMS_AT_ONCE, undefined, async (id) => {
      const state = await stateOf(log, id)
      if (state.status === 'none' || state.poll !== name) missing.push(id)
      else if (state.status === 'withdrawn') withdrawn++
      else (state.status === 'counted' ? counted : excluded).add(state.allocation)
    })
    if (missing.length > 0) throw notThere(name, missing)
    return { poll, ids, counted, excluded, withdrawn }
  }

  async #byCondition(filter: ExclusionFilter, signal: AbortSignal | undefined): Promise<Selection> {
    const { log, results, pool, deadlineMs, onProgress } = this.#options
    // Nobody has the whole log read by asking for polls that do not exist.
    await results.results(filter.poll)
    const { poll, from, to, via, repeated } = filter
    const upTo = await log.head().catch(unavailable)
    const question = { ...{ poll, upTo, from, to, via }, repeated: repeated && { ...repeated } }
    const asking = pool.ask('selection', question, { deadlineMs, signal, onProgress })
    const { ids, ...found } = await asking.catch((error: Error) => {
      throw problemOf(error)
    })
    if (!found.poll) throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
    return { ...found, poll: found.poll, ids: IdSet.of(ids) }
  }
}

const notThere = (poll: string, missing: readonly string[]): Problem => {
  const named = `${missing.slice(0, NAMED).join(', ')}${missing.length > NAMED ? ' …' : ''}`
  const message = `${missing.length} of them are no submissions to ${poll}: ${named}`
  return invalidFilter([{ field: 'submissions', code: 'not-found', message }])
}

const unavailable = (cause: unknown): never => {
  throw new Problem('EVENT_LOG_UNAVAILABLE', { retryAfter: 5, cause })
}

function problemOf(error: Error): Error {
  if (error instanceof PoolFull)
    return new Problem('REPLAY_BUSY', { detail: 'Other operators are looking, too.', retryAfter: 10 })
  if (error instanceof DeadlineExceeded)
    return new Problem('REPLAY_BUSY', {
      detail: 'The log is too long: use the command line.',
      retryAfter: 60,
    })
  return error.name === 'AbortError'
    ? error
    : new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause: error })
}
