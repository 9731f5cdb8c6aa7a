import { DeadlineExceeded, withDeadline } from '../deadline.ts'
import { Problem } from '../errors.ts'
import { type EventLog, EventLogUnavailable } from '../events/event-log.ts'
import { PollSlug, pollStream } from '../events/poll-events.ts'
import { NewestSnapshots } from '../projections/newest-snapshots.ts'
import { type PollAggregate, rankOf } from '../projections/poll-aggregate.ts'
import type { PollReader } from '../projections/poll-reader.ts'
import type { SnapshotStore } from '../projections/snapshot-store.ts'
import { BreakerOpen, CircuitBreaker } from './circuit-breaker.ts'
import { notLaterThan, notYet, type PastMoment, type PastResults } from './past/past-results.ts'
import type { Replayer } from './replayer.ts'
import type { Answer, PollSummary, ResultsOptions, ResultsQuery, Tier } from './results.ts'

export interface TieredResultsOptions {
  readonly snapshots: SnapshotStore
  readonly projection: PollReader
  readonly replayer: Pick<Replayer, 'replay'>
  readonly past: Pick<PastResults, 'remembered' | 'at'>
  readonly log: Pick<EventLog, 'readStream'>
  /** How long somebody waits for a replay where no other tier has anything, milliseconds. */
  readonly replayPatienceMs?: number
  /** Told when a tier fails, before the next one is asked. */
  readonly onTierFailed?: (tier: Tier, error: unknown) => void
  /** Told when a tier has answered, be it that it has nothing. */
  readonly onTierAnswered?: (tier: Tier) => void
  /** Told what came of looking for a snapshot. */
  readonly onLookUp?: (outcome: LookUp) => void
  /** Told when the snapshot store has been offered what it did not have, and why if that failed: it costs nobody anything. */
  readonly onOffered?: (error?: Error) => void
}

/** `left-out`: it was not asked, because it failed lately. */
type LookUp = 'hit' | 'miss' | 'failed' | 'left-out'

/** How long each of the quick tiers may take before the next one is asked, milliseconds. */
const DEADLINES_MS = { snapshot: 50, projection: 1000 } as const

/** A replay goes on when nobody waits for it any more, and whoever comes later finds what came of it. */
const REPLAY_PATIENCE_MS = 1500

/** A snapshot offered by a query is nobody's to keep up to date: it is forgotten after this time. */
const OFFER_TTL_MS = 1000

/** Snapshot, else projection, else a full replay. Never writes; offers what it found to the snapshot store. */
export class TieredResults implements ResultsQuery {
  readonly #options: TieredResultsOptions
  readonly #breakers = {
    snapshot: new CircuitBreaker('snapshot'),
    projection: new CircuitBreaker('projection'),
  }
  readonly #served = new NewestSnapshots()
  #polls: PollSummary[] | undefined

  constructor(options: TieredResultsOptions) {
    this.#options = options
  }

  /** Which of the quick tiers are left alone, because they failed lately. */
  get leftAlone(): Readonly<Record<'snapshot' | 'projection', boolean>> {
    const { snapshot, projection } = this.#breakers
    return { snapshot: snapshot.isOpen, projection: projection.isOpen }
  }

  async results(
    poll: string,
    { tier, position, asOf, atLeast = 0n, signal }: ResultsOptions = {},
  ): Promise<Answer> {
    if (position !== undefined || asOf !== undefined)
      return { tier: 'replay', aggregate: await this.#past(poll, { position, asOf }, tier, signal) }
    if (tier) return await this.#only(poll, tier)
    const failed: Tier[] = []
    for (const each of ['snapshot', 'projection'] as const) {
      const aggregate = await this.#tryTier(poll, each, failed, atLeast)
      if (aggregate) return this.#serve(poll, { tier: each, aggregate })
    }
    // With the database away, the last snapshot at once is better than a replay that must fail, too.
    const last = failed.includes('projection') ? await this.#last(poll) : undefined
    return last ? this.#serve(poll, { tier: 'snapshot', aggregate: last }) : await this.#replay(poll)
  }

  /** What a replay tells in good time, else the last that is known. */
  async #replay(poll: string): Promise<Answer> {
    const { replayPatienceMs = REPLAY_PATIENCE_MS } = this.#options
    const replayed = this.#only(poll, 'replay').then((answer) => this.#serve(poll, answer))
    try {
      return await withDeadline(replayPatienceMs, 'replay', replayed)
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error
      const last = await this.#last(poll)
      if (last) return this.#serve(poll, { tier: 'snapshot', aggregate: last })
      throw unavailable(error)
    }
  }

  /** A replay is of no promotion: it goes beside what was served last. */
  #ofToday(poll: string, { tier, aggregate }: Answer): Answer {
    return { tier, aggregate: { ...aggregate, generation: this.#served.last(poll)?.generation } }
  }

  async polls(): Promise<PollSummary[]> {
    try {
      this.#polls = await this.#breakers.projection.run(() =>
        withDeadline(DEADLINES_MS.projection, 'projection', this.#options.projection.definitions()),
      )
    } catch (cause) {
      // What a poll asks never changes; whether it takes submissions is decided by the log alone.
      if (!this.#polls) throw unavailable(cause)
      this.#polls = [...this.#polls, ...this.#servedSince(this.#polls)]
      if (this.#polls.length === 0) throw unavailable(cause)
    }
    return this.#polls
  }

  /** Polls that were opened after the list was made, and asked for one by one. */
  #servedSince(list: readonly PollSummary[]): PollSummary[] {
    const known = new Set(list.map(({ definition }) => definition.poll))
    return this.#served
      .all()
      .filter(({ definition }) => !known.has(definition.poll))
      .sort((a, b) => Number(a.openedAt - b.openedAt))
      .map(({ definition, status }) => ({ definition, status }))
  }

  async poll(poll: string): Promise<PollSummary> {
    const { aggregate } = await this.results(poll)
    return { definition: aggregate.definition, status: aggregate.status }
  }

  /** From the stored states and what they leave open; where the replay tier is asked for by name, from the log alone. */
  async #past(
    poll: string,
    moment: PastMoment,
    tier: Tier | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PollAggregate> {
    const { past, replayer } = this.#options
    const remembered = tier ? undefined : past.remembered(poll, moment)
    if (remembered) return remembered
    await this.#mustExist(poll)
    const { position, asOf } = moment
    const whole = { ...(position !== undefined && { upTo: position }), ...(asOf !== undefined && { asOf }) }
    const aggregate = await (tier
      ? replayer.replay(whole).then((polls) => polls.get(poll))
      : past.at(poll, moment, signal))
    if (!aggregate) throw notYet(poll, moment)
    return notLaterThan(asOf, aggregate)
  }

  /** Undefined sends the reader on to the next tier. */
  async #tryTier(
    poll: string,
    tier: Tier,
    failed: Tier[],
    atLeast: bigint,
  ): Promise<PollAggregate | undefined> {
    try {
      const found = await this.#ask(poll, tier, atLeast)
      this.#options.onTierAnswered?.(tier)
      // The asker may have seen more at another process.
      const aggregate = tier === 'snapshot' && found && rankOf(found) < atLeast ? undefined : found
      if (tier === 'snapshot') this.#options.onLookUp?.(aggregate ? 'hit' : 'miss')
      if (aggregate && tier === 'projection') this.#offer(aggregate)
      return aggregate
    } catch (error) {
      failed.push(tier)
      if (tier === 'snapshot') this.#options.onLookUp?.(error instanceof BreakerOpen ? 'left-out' : 'failed')
      if (!(error instanceof BreakerOpen)) this.#options.onTierFailed?.(tier, error)
      return undefined
    }
  }

  async #last(poll: string): Promise<PollAggregate | undefined> {
    const last = await this.#options.snapshots.last(poll).catch(() => undefined)
    return last ?? this.#served.last(poll)
  }

  /**
   * Nobody who asks this process sees the results go back, whichever tier answers next: a replay is ahead of the
   * projection, and a database that has crashed is behind what it told before.
   */
  #serve(poll: string, answer: Answer): Answer {
    const rank = rankOf(answer.aggregate)
    if (this.#served.isOutdated(poll, rank)) return { tier: 'snapshot', aggregate: this.#served.last(poll)! }
    this.#served.note(poll, rank, answer.aggregate)
    return answer
  }

  /** One tier and no other. */
  async #only(poll: string, tier: Tier): Promise<Answer> {
    if (tier === 'replay') await this.#mustExist(poll)
    try {
      const aggregate = await this.#ask(poll, tier)
      if (!aggregate && tier !== 'replay') {
        await this.#mustExist(poll)
        throw unavailable()
      }
      const answer = found(poll, tier, aggregate)
      return tier === 'replay' ? this.#ofToday(poll, answer) : answer
    } catch (error) {
      throw error instanceof Problem ? error : unavailable(error)
    }
  }

  async #ask(poll: string, tier: Tier, atLeast = 0n): Promise<PollAggregate | undefined> {
    const served = this.#served.rank(poll)
    switch (tier) {
      case 'snapshot':
        return await this.#breakers.snapshot.run(() =>
          withDeadline(DEADLINES_MS.snapshot, tier, this.#options.snapshots.get(poll)),
        )
      case 'projection':
        return await this.#breakers.projection.run(() =>
          withDeadline(
            DEADLINES_MS.projection,
            tier,
            this.#options.projection.poll(poll, served > atLeast ? served : atLeast),
          ),
        )
      case 'replay':
        return (await this.#options.replayer.replay({})).get(poll)
      default:
        return tier satisfies never
    }
  }

  /** Nobody may have the whole log replayed by asking for polls that do not exist. */
  async #mustExist(poll: string): Promise<void> {
    if (!PollSlug.safeParse(poll).success) throw pollNotFound(poll)
    const events = await this.#options.log.readStream(pollStream(poll)).catch((error: unknown) => {
      throw error instanceof EventLogUnavailable ? unavailable(error) : error
    })
    if (events.length === 0) throw pollNotFound(poll)
  }

  #offer(aggregate: PollAggregate): void {
    const { snapshots, onOffered } = this.#options
    snapshots.put(aggregate, { ttlMs: OFFER_TTL_MS }).then(
      (taken) => taken && onOffered?.(),
      (error: Error) => onOffered?.(error),
    )
  }
}

function found(poll: string, tier: Tier, aggregate: PollAggregate | undefined): Answer {
  if (!aggregate) throw pollNotFound(poll)
  return { tier, aggregate }
}

const pollNotFound = (poll: string): Problem =>
  new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll.slice(0, 64)}.` })

const unavailable = (cause?: unknown): Problem => new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })
