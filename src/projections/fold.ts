/**
 * The fold behind every tier: events in, aggregates out. The projector keeps its result, a replay computes it afresh,
 * and both are this code. It looks nothing up: events carry the allocation that they replace.
 */
import {
  type DomainEvent,
  decode,
  type EventType,
  schemaVersionOf,
  UnknownEvent,
} from '../events/domain-events.ts'
import type { Position, RecordedEvent } from '../events/event-log.ts'
import { WHOLE } from '../events/poll-events.ts'
import type { Allocation } from '../events/submission-events.ts'
import { tally } from './category-aggregate.ts'
import { type MutablePollAggregate, openedPoll, type PollAggregate } from './poll-aggregate.ts'

/** Raised whenever the same events would lead to other aggregates than before: a rebuild is needed then. */
export const FOLD_VERSION = 1

/** An event that could not be applied, and why. */
export interface ParkedEvent {
  readonly event: RecordedEvent
  /** The poll it belongs to, if that much could be read. */
  readonly poll: string | undefined
  readonly error: string
}

/** What one event of a submission added to its poll and took away. */
export interface Tally {
  readonly poll: PollAggregate
  readonly position: Position
  /** When the submission was first cast, ISO 8601. */
  readonly submittedAt: string
  readonly occurredAt: string
  /** The allocation that counts no more. */
  readonly taken: Allocation | undefined
  /** The allocation that counts from now on. */
  readonly added: Allocation | undefined
  /** By how much these counts grew. */
  readonly excluded: number
  readonly withdrawn: number
}

/** The aggregates of every poll. The map and what is in it belong to the fold: copy what you keep. */
export class Fold {
  readonly polls: Map<string, MutablePollAggregate>
  /** Events whose name or version is not known: passed over. */
  unknown: number
  /** Told what each event changed, after it; it must not fail. */
  onTally: ((tally: Tally) => void) | undefined

  constructor(polls = new Map<string, MutablePollAggregate>(), unknown = 0) {
    this.polls = polls
    this.unknown = unknown
  }

  /** Applies one event, wholly or not at all; never throws. @returns the event with its error if it must be parked */
  apply(event: RecordedEvent): ParkedEvent | undefined {
    try {
      this.#applyDecoded(decodeForFold(event), event)
      return undefined
    } catch (error) {
      if (error instanceof UnknownEvent) {
        this.unknown++
        return undefined
      }
      return this.#park(event, error as Error)
    }
  }

  #applyDecoded(decoded: DomainEvent, { position }: RecordedEvent): void {
    const { data } = decoded
    if (decoded.type === 'PollOpened') {
      const { occurredAt, ...definition } = decoded.data
      if (this.polls.has(data.poll)) throw new Error(`poll ${data.poll} is open already`)
      this.polls.set(data.poll, openedPoll(definition, position, occurredAt))
      return
    }
    const poll = this.polls.get(data.poll)
    if (!poll) throw new Error(`poll ${String(data.poll)} was never opened`)
    switch (decoded.type) {
      case 'PollClosed':
        poll.status = 'closed'
        break
      case 'PollReopened':
        poll.status = 'open'
        break
      case 'AllocationSubmitted':
        this.#tally(poll, position, decoded, { added: checked(poll, decoded.data.allocation) })
        break
      case 'AllocationRevised': {
        const taken = countedOnce(poll, decoded.data.replaces)
        this.#tally(poll, position, decoded, { taken, added: checked(poll, decoded.data.allocation) })
        break
      }
      case 'AllocationWithdrawn':
        this.#tally(poll, position, decoded, {
          taken: countedOnce(poll, decoded.data.replaces),
          withdrawn: 1,
        })
        break
      case 'SubmissionExcluded':
        this.#tally(poll, position, decoded, {
          taken: countedOnce(poll, decoded.data.replaces),
          excluded: 1,
        })
        break
      case 'SubmissionReinstated':
        if (poll.excluded === 0) throw new Error('nothing is excluded that could be reinstated')
        this.#tally(poll, position, decoded, {
          added: checked(poll, decoded.data.allocation),
          excluded: -1,
        })
        break
      default:
        decoded satisfies never
    }
    poll.position = position
    if (data.occurredAt > poll.asOf) poll.asOf = data.occurredAt
  }

  #tally(poll: MutablePollAggregate, position: Position, event: SubmissionEvent, change: Change): void {
    const { taken, added, excluded = 0, withdrawn = 0 } = change
    if (taken) tallyAll(poll, taken, -1)
    if (added) tallyAll(poll, added, 1)
    poll.counted += Number(added !== undefined) - Number(taken !== undefined)
    poll.excluded += excluded
    poll.withdrawn += withdrawn
    if (!this.onTally) return
    const { occurredAt } = event.data
    const submittedAt = event.type === 'AllocationSubmitted' ? occurredAt : event.data.submittedAt
    this.onTally({ poll, position, submittedAt, occurredAt, taken, added, excluded, withdrawn })
  }

  #park(event: RecordedEvent, error: Error): ParkedEvent {
    const name = (event.data as { poll?: unknown } | null)?.poll
    const poll = typeof name === 'string' ? this.polls.get(name) : undefined
    if (poll) {
      poll.parked++
      poll.position = event.position
    }
    return { event, poll: poll?.definition.poll, error: error.message }
  }
}

type SubmissionEvent = Exclude<DomainEvent, { type: 'PollOpened' | 'PollClosed' | 'PollReopened' }>

interface Change {
  readonly taken?: Allocation
  readonly added?: Allocation
  readonly excluded?: number
  readonly withdrawn?: number
}

/**
 * Whose schema the fold checks itself, faster, as far as it uses it: there are millions of these. Older versions are the
 * same as far as that.
 */
const checkedByFold: ReadonlySet<string> = new Set<EventType>([
  'AllocationSubmitted',
  'AllocationRevised',
  'AllocationWithdrawn',
  'SubmissionExcluded',
  'SubmissionReinstated',
])

/** A stored event, checked as far as a fold needs it. @throws {UnknownEvent} @throws if it must be parked */
export function decodeForFold(event: RecordedEvent): DomainEvent {
  const { type, schemaVersion, data } = event
  if (!checkedByFold.has(type)) return decode(event)
  if (!(schemaVersion >= 1 && schemaVersion <= schemaVersionOf(type as EventType))) return decode(event)
  if (typeof data !== 'object' || data === null) throw new Error('the event has no data')
  const { occurredAt, submittedAt } = data as { occurredAt?: unknown; submittedAt?: unknown }
  if (!isInstant(occurredAt)) throw new Error('occurredAt is missing')
  if (type !== 'AllocationSubmitted' && !isInstant(submittedAt)) throw new Error('submittedAt is missing')
  return { type, data } as DomainEvent
}

const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** No other time was ever written: everything that is kept by time can rely on it. */
const isInstant = (time: unknown): boolean => typeof time === 'string' && INSTANT.test(time)

/** The allocation, if it is one of this poll's. @throws if it is not */
export function checked(poll: Pick<PollAggregate, 'definition'>, allocation: Allocation): Allocation {
  if (typeof allocation !== 'object' || allocation === null) throw new Error('there is no allocation')
  const { categories, step } = poll.definition
  let sum = 0
  for (const { id } of categories) {
    const value = allocation[id]
    if (!Number.isInteger(value) || value! < 0 || value! % step !== 0)
      throw new Error(`the share of ${id} is ${String(value)}`)
    sum += value!
  }
  if (sum !== WHOLE) throw new Error(`the shares sum to ${sum}`)
  let keys = 0
  for (const _ in allocation) keys++
  if (keys !== categories.length) throw new Error('the allocation has categories that the poll has not')
  return allocation
}

/** The allocation, if there is such a one to take back. */
function countedOnce(poll: MutablePollAggregate, allocation: Allocation): Allocation {
  checked(poll, allocation)
  for (const [index, { id }] of poll.definition.categories.entries())
    if (!poll.categories[index]!.histogram.has(allocation[id]!))
      throw new Error(`it takes back ${allocation[id]} for ${id}, which was never counted`)
  return allocation
}

function tallyAll(poll: MutablePollAggregate, allocation: Allocation, times: number): void {
  const { categories } = poll.definition
  for (let index = 0; index < categories.length; index++)
    tally(poll.categories[index]!, allocation[categories[index]!.id]!, times)
}
