/** What events change in the rows of submissions. Pure: what is stored already comes in, what is to be stored comes out. */
import type { DomainEvent, EventData } from '../../events/domain-events.ts'
import type { RecordedEvent } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'
import { checked } from '../fold.ts'
import { pseudonymOf } from './pseudonym.ts'
import { type Ending, Misfit, submissionOf, type TemporalRow, timeOf } from './temporal-row.ts'

/** What every event of a submission but the first has. */
type Later = Pick<EventData<'AllocationWithdrawn'>, 'poll' | 'occurredAt'>
type TakingBack = Pick<EventData<'AllocationWithdrawn'>, keyof Later | 'replaces'>

export class SubmissionHistory {
  /** Rows that are not stored yet. */
  added: TemporalRow[] = []
  /** Stored rows that have ended. */
  ended: TemporalRow[] = []
  /** Submissions whose stored rows are not true any more: what they are instead is in `added`. */
  readonly remade = new Set<string>()
  /** Polls that are not stored yet. */
  readonly opened: PollDefinition[] = []
  readonly #polls: Map<string, PollDefinition>
  readonly #last: Map<string, TemporalRow>
  readonly #stored: ReadonlySet<TemporalRow>

  /**
   * @param polls every poll so far; what is opened is added to it
   * @param last the stored last row of every submission that the events may change
   */
  constructor(polls: Map<string, PollDefinition>, last: readonly TemporalRow[] = []) {
    this.#polls = polls
    this.#last = new Map(last.map((row) => [row.submission, row]))
    this.#stored = new Set(last)
  }

  /** Applies one event, wholly or not at all. @throws {Misfit} @throws what has the fold park it */
  apply(decoded: DomainEvent, event: RecordedEvent): void {
    switch (decoded.type) {
      case 'PollOpened':
        this.#open(decoded.data)
        break
      case 'PollClosed':
      case 'PollReopened':
        break
      case 'AllocationSubmitted':
        this.#submit(decoded.data, event)
        break
      case 'AllocationRevised':
        this.#revise(decoded.data, event)
        break
      case 'AllocationWithdrawn':
        this.#takeBack(decoded.data, event, 'withdrawn')
        break
      case 'SubmissionExcluded':
        this.#takeBack(decoded.data, event, 'excluded')
        break
      case 'SubmissionReinstated':
        this.#reinstate(decoded.data, event)
        break
      case 'EventRetried':
      case 'EventSkipped':
        break
      default:
        decoded satisfies never
    }
  }

  /** Forgets what is known of a submission: its events come again, from the first. */
  remake(submission: string): void {
    const others = (row: TemporalRow) => row.submission !== submission
    this.added = this.added.filter(others)
    this.ended = this.ended.filter(others)
    this.#last.delete(submission)
    this.remade.add(submission)
  }

  /** Whether the submission has had a row. */
  has(submission: string): boolean {
    return this.#last.has(submission)
  }

  knows(poll: string): boolean {
    return this.#polls.has(poll)
  }

  #open({ occurredAt, ...definition }: EventData<'PollOpened'>): void {
    if (this.#polls.has(definition.poll)) throw new Error(`poll ${definition.poll} is open already`)
    this.#polls.set(definition.poll, definition)
    this.opened.push(definition)
  }

  #submit(data: EventData<'AllocationSubmitted'>, event: RecordedEvent): void {
    const { poll, receiptHash, occurredAt } = data
    const shares = this.#shares(poll, data.allocation)
    const submission = submissionOf(event)
    if (submission === undefined) throw new Misfit(`the stream ${event.stream} is no submission's`)
    if (this.#last.has(submission)) throw new Misfit('it was submitted before')
    if (typeof receiptHash !== 'string') throw new Misfit('it has no receipt')
    const submittedAt = timeOf(occurredAt, event)
    const pseudonym = pseudonymOf(receiptHash)
    const from = event.position
    this.#add({ submission, poll, pseudonym, from, submittedAt, changedAt: submittedAt, shares })
  }

  #revise(data: EventData<'AllocationRevised'>, event: RecordedEvent): void {
    const row = this.#standing(data, event)
    const shares = this.#shares(data.poll, data.allocation)
    const changedAt = laterTime(row, data, event)
    this.#end(row, event, changedAt, 'revised')
    this.#add({ ...followed(row), from: event.position, changedAt, shares })
  }

  #takeBack(data: TakingBack, event: RecordedEvent, how: Ending): void {
    const row = this.#standing(data, event)
    this.#end(row, event, laterTime(row, data, event), how)
  }

  #reinstate(data: EventData<'SubmissionReinstated'>, event: RecordedEvent): void {
    const row = this.#lastOf(data, event)
    const shares = this.#shares(data.poll, data.allocation)
    if (row.end?.how !== 'excluded') throw new Misfit('it is not excluded')
    const changedAt = laterTime(row, data, event)
    this.#add({ ...followed(row), from: event.position, changedAt, shares })
  }

  /** The row that counts now, if it is what the event takes back. */
  #standing(data: TakingBack, event: RecordedEvent): TemporalRow {
    const row = this.#lastOf(data, event)
    const replaces = this.#shares(data.poll, data.replaces)
    if (row.end) throw new Misfit(`it does not count: it was ${row.end.how}`)
    if (row.shares.some((share, index) => share !== replaces[index]))
      throw new Misfit('it does not have the allocation that is taken back')
    return row
  }

  #lastOf({ poll }: Later, event: RecordedEvent): TemporalRow {
    const row = this.#last.get(submissionOf(event) ?? '')
    if (!row) throw new Misfit('it was never submitted')
    if (row.poll !== poll) throw new Misfit(`it belongs to the poll ${row.poll}`)
    return row
  }

  #end(row: TemporalRow, { position }: RecordedEvent, time: number, how: Ending): void {
    row.end = { position, time, how }
    if (this.#stored.has(row)) this.ended.push(row)
  }

  #add(row: TemporalRow): void {
    this.added.push(row)
    this.#last.set(row.submission, row)
  }

  #shares(poll: string, allocation: Allocation): readonly number[] {
    const definition = this.#polls.get(poll)
    if (!definition) throw new Error(`poll ${String(poll)} was never opened`)
    checked({ definition }, allocation)
    return definition.categories.map(({ id }) => allocation[id]!)
  }
}

/** What stays the same for the submission's next row. */
const followed = ({ submission, poll, pseudonym, submittedAt }: TemporalRow) => ({
  submission,
  poll,
  pseudonym,
  submittedAt,
})

/**
 * A clock may go back, or two servers' differ: nothing happens to a submission before what has happened to it already.
 * So what is left of its events at any time is a beginning of them.
 */
const laterTime = (row: TemporalRow, { occurredAt }: Later, event: RecordedEvent): number =>
  Math.max(timeOf(occurredAt, event), row.end?.time ?? row.changedAt)
