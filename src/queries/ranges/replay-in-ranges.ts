import type { Position } from '../../events/event-log.ts'
import { copyPoll, type MutablePollAggregate, type PollAggregate } from '../../projections/poll-aggregate.ts'
import { applyEffect } from '../../projections/poll-effect.ts'
import { PeriodTotals } from './period-totals.ts'
import type { ParkedInRange, RangeAnswer, RangeQuestion } from './range-fold.ts'

/** Events in a range: about a quarter of a second. */
const RANGE = 50_000

export interface RangesQuestion {
  /** The poll just after it was opened. */
  readonly opened: PollAggregate
  readonly upTo: Position
  readonly asOf?: string | undefined
  /** Whether to add up every quarter of an hour. */
  readonly periods: boolean
}

export interface RangesOptions {
  /** Folds a range, each of `jobs` at the same time. */
  readonly fold: (
    question: RangeQuestion,
    job: number,
    onProgress: (events: number) => void,
  ) => Promise<RangeAnswer>
  readonly jobs: number
  /** 1: every position is an event's, and any may begin a range. Else ranges are known one after the other. */
  readonly positionsPerEvent: bigint
  /** Ranges that are done already. */
  readonly done?: readonly RangeAnswer[]
  /** Told of each range that has been folded on credit, to keep it. */
  readonly onRange?: (answer: RangeAnswer) => Promise<void>
  /** @param position how far one would be without gaps */
  readonly onProgress?: (events: number, fraction: number) => void
  readonly signal: AbortSignal
  readonly events?: number
}

export interface ReplayedRanges {
  readonly poll: PollAggregate
  readonly parked: readonly ParkedInRange[]
  readonly periods: PeriodTotals
  readonly events: number
  /** So many ranges had to be folded again, one after the other: there is something in them that must be parked. */
  readonly again: number
}

/**
 * Replays one poll in ranges side by side, each on credit, and adds them up in the order of the log. Where a range
 * takes back what is not there, it is folded again with what is: the result is that of one fold of everything.
 * @throws the signal's reason; what was done has been told to `onRange`
 */
export async function replayInRanges(
  question: RangesQuestion,
  options: RangesOptions,
): Promise<ReplayedRanges> {
  const run = new Run(question, options)
  const jobs = options.positionsPerEvent === 1n ? options.jobs : 1
  await Promise.all(Array.from({ length: jobs }, (_, job) => run.work(job)))
  return run.result
}

class Run {
  readonly #question: RangesQuestion
  readonly #options: RangesOptions
  readonly #folded: Map<Position, RangeAnswer>
  /** The poll with everything in it up to `#merged`. */
  #poll: MutablePollAggregate
  #merged: Position
  /** Where the next range begins. */
  #next: Position
  readonly #periods = new PeriodTotals()
  readonly #parked: ParkedInRange[] = []
  readonly #underWay = new Map<number, number>()
  #events = 0
  #again = 0
  #merging: Promise<void> = Promise.resolve()

  constructor(question: RangesQuestion, options: RangesOptions) {
    this.#question = question
    this.#options = options
    this.#poll = copyPoll(question.opened)
    this.#merged = question.opened.openedAt
    this.#next = this.#merged
    this.#folded = new Map(options.done?.map((answer) => [answer.after, answer]))
  }

  /** Folds range after range until there is none left. */
  async work(job: number): Promise<void> {
    const { signal } = this.#options
    for (;;) {
      signal.throwIfAborted()
      const range = this.#take()
      if (!range) break
      const known = this.#folded.get(range.after)
      if (!known) {
        const answer = await this.#fold({ ...this.#common, ...range }, job)
        await this.#options.onRange?.(answer)
        this.#folded.set(answer.after, answer)
      }
      await this.#merge(job)
    }
    await this.#merge(job)
  }

  get result(): ReplayedRanges {
    this.#periods.checkpoint = this.#question.upTo
    return {
      poll: this.#poll,
      parked: stillParked(this.#parked, this.#poll),
      periods: this.#periods,
      events: this.#events,
      again: this.#again,
    }
  }

  get #common() {
    const { opened, asOf, periods } = this.#question
    return { poll: { definition: opened.definition, openedAt: opened.openedAt }, asOf, periods }
  }

  /** The next range that nobody has taken. */
  #take(): Pick<RangeQuestion, 'after' | 'upTo' | 'maxEvents'> | undefined {
    const { upTo: end } = this.#question
    const { positionsPerEvent, events = RANGE } = this.#options
    const after = this.#next
    if (after >= end) return undefined
    const known = this.#folded.get(after)
    const full = after + BigInt(events)
    const isDense = positionsPerEvent === 1n
    const upTo = isDense && full < end ? full : end
    if (isDense || known) this.#next = known?.upTo ?? upTo
    return { after, upTo, ...(!isDense && { maxEvents: events }) }
  }

  async #fold(question: RangeQuestion, job: number): Promise<RangeAnswer> {
    try {
      const answer = await this.#options.fold(question, job, (events) => {
        this.#underWay.set(job, events)
        this.#tell()
      })
      if (question.maxEvents !== undefined) this.#next = answer.upTo
      return answer
    } finally {
      this.#underWay.delete(job)
    }
  }

  /** Adds what is there in the order of the log; one job at a time. */
  #merge(job: number): Promise<void> {
    this.#merging = this.#merging.then(async () => {
      for (;;) {
        const answer = this.#folded.get(this.#merged)
        if (!answer) return
        await this.#add(answer, job)
        this.#folded.delete(answer.after)
        this.#merged = answer.upTo
        this.#events += answer.events
        this.#tell()
      }
    })
    return this.#merging
  }

  async #add(answer: RangeAnswer, job: number): Promise<void> {
    let exact = answer
    if (!answer.effect || !applyEffect(this.#poll, answer.effect)) {
      const { after, upTo } = answer
      this.#again++
      exact = await this.#options.fold({ ...this.#common, after, upTo, base: this.#poll }, job, () => {})
      this.#poll = exact.poll as MutablePollAggregate
    }
    this.#parked.push(...exact.parked)
    this.#periods.add(exact.periods)
  }

  #tell(): void {
    const { opened, upTo } = this.#question
    const waiting = [...this.#folded.values()].reduce((sum, { events }) => sum + events, 0)
    const underWay = [...this.#underWay.values()].reduce((sum, events) => sum + events, 0)
    const beyond = BigInt(waiting + underWay) * this.#options.positionsPerEvent
    const done = Number(this.#merged - opened.openedAt + beyond)
    const whole = Number(upTo - opened.openedAt)
    this.#options.onProgress?.(this.#events + waiting + underWay, whole > 0 ? Math.min(1, done / whole) : 1)
  }
}

/** The last that is known of each event that waits in the end. */
function stillParked(parked: readonly ParkedInRange[], { parkedAt }: MutablePollAggregate): ParkedInRange[] {
  const latest = new Map(parked.map((each) => [each.position, each]))
  return [...latest.values()].filter(({ position }) => parkedAt.has(position))
}
