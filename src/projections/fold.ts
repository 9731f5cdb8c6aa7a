/**
 * The fold behind every tier: events in, aggregates out. The projector keeps its result, a replay computes it afresh,
 * and both are this code. It looks nothing up: events carry the allocation that they replace.
 */
import { type EventData, UnknownEvent } from '../events/domain-events.ts'
import type { Position, RecordedEvent } from '../events/event-log.ts'
import { WHOLE } from '../events/poll-events.ts'
import type { Allocation } from '../events/submission-events.ts'
import { tally } from './category-aggregate.ts'
import { decodeForFold } from './decode-for-fold.ts'
import { type MutablePollAggregate, openedPoll, type PollAggregate } from './poll-aggregate.ts'
import { type ActEvent, decodeRetried, isAct, type OwnEvent, retriedEvent } from './retried-event.ts'

/** Raised whenever the same events would lead to other aggregates than before: a rebuild is needed then. */
export const FOLD_VERSION = 1

/** An event that could not be applied, and why. */
export interface ParkedEvent {
  readonly event: RecordedEvent
  /** The poll it belongs to, if that much could be read. */
  readonly poll: string | undefined
  readonly error: string
  /** It was parked before, and has been tried again. */
  readonly again?: true
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

/** What a run of submissions added to its poll at once. */
export interface RunTally {
  readonly poll: PollAggregate
  readonly length: number
  /** In the order of the poll's categories: the shares of each submission, in basis points. */
  readonly shares: readonly Uint16Array[]
  readonly positionAt: (index: number) => Position
  /** Of the submission at this place, ISO 8601. */
  readonly occurredAt: (index: number) => string
  readonly span: { readonly earliest: string; readonly latest: string }
}

/** Is told what is counted, after it; it must not fail. */
export interface TallyListener {
  readonly add: (tally: Tally) => void
  /** Of a run in place of each; who leaves this out is told of each. */
  readonly addRun?: (run: RunTally) => void
}

/** The aggregates of every poll. The map and what is in it belong to the fold: copy what you keep. */
export class Fold {
  readonly polls: Map<string, MutablePollAggregate>
  /** Events whose name or version is not known: passed over. */
  unknown: number
  /** Where parked events stand of which no poll can be told, or none that is open. */
  readonly orphans: Set<Position>
  listener: TallyListener | undefined

  constructor(
    polls = new Map<string, MutablePollAggregate>(),
    unknown = 0,
    orphans: Set<Position> = new Set(),
  ) {
    this.polls = polls
    this.unknown = unknown
    this.orphans = orphans
  }

  /** Applies one event, wholly or not at all; never throws. @returns the event with its error if it must be parked */
  apply(event: RecordedEvent): ParkedEvent | undefined {
    try {
      const decoded = decodeForFold(event)
      if (isAct(decoded)) return this.#act(decoded, event.position)
      this.#applyDecoded(decoded, event.position)
      return undefined
    } catch (error) {
      if (error instanceof UnknownEvent) {
        this.unknown++
        return undefined
      }
      return this.#park(event, error as Error)
    }
  }

  /** Whether an event waits for an operator. @param poll that it names, if any */
  isParked(position: Position, poll: string | undefined): boolean {
    return this.#parkedAt(poll)?.has(position) || this.orphans.has(position)
  }

  /** @param position where the event stands @param at where it takes effect: later, if it was parked */
  #applyDecoded(decoded: OwnEvent, position: Position, at = position): void {
    const { data } = decoded
    if (decoded.type === 'PollOpened') {
      const { occurredAt, ...definition } = decoded.data
      if (this.polls.has(data.poll)) throw new Error(`poll ${data.poll} is open already`)
      this.polls.set(data.poll, openedPoll(definition, position, occurredAt))
      return
    }
    const poll = this.polls.get(data.poll)
    if (!poll || position < poll.openedAt) throw new Error(`poll ${String(data.poll)} was never opened`)
    switch (decoded.type) {
      case 'PollClosed':
        poll.status = 'closed'
        break
      case 'PollReopened':
        poll.status = 'open'
        break
      case 'AllocationSubmitted':
        this.#tally(poll, at, decoded, { added: checked(poll, decoded.data.allocation) })
        break
      case 'AllocationRevised': {
        const taken = countedOnce(poll, decoded.data.replaces)
        this.#tally(poll, at, decoded, { taken, added: checked(poll, decoded.data.allocation) })
        break
      }
      case 'AllocationWithdrawn':
        this.#tally(poll, at, decoded, {
          taken: countedOnce(poll, decoded.data.replaces),
          withdrawn: 1,
        })
        break
      case 'SubmissionExcluded':
        this.#tally(poll, at, decoded, {
          taken: countedOnce(poll, decoded.data.replaces),
          excluded: 1,
        })
        break
      case 'SubmissionReinstated':
        if (poll.excluded === 0) throw new Error('nothing is excluded that could be reinstated')
        this.#tally(poll, at, decoded, {
          added: checked(poll, decoded.data.allocation),
          excluded: -1,
        })
        break
      default:
        decoded satisfies never
    }
    poll.position = at
    if (data.occurredAt > poll.asOf) poll.asOf = data.occurredAt
  }

  #tally(poll: MutablePollAggregate, position: Position, event: SubmissionEvent, change: Change): void {
    const { taken, added, excluded = 0, withdrawn = 0 } = change
    if (taken) tallyAll(poll, taken, -1)
    if (added) tallyAll(poll, added, 1)
    poll.counted += Number(added !== undefined) - Number(taken !== undefined)
    poll.excluded += excluded
    poll.withdrawn += withdrawn
    if (!this.listener) return
    const { occurredAt } = event.data
    const submittedAt = event.type === 'AllocationSubmitted' ? occurredAt : event.data.submittedAt
    this.listener.add({ poll, position, submittedAt, occurredAt, taken, added, excluded, withdrawn })
  }

  #park(event: RecordedEvent, error: Error): ParkedEvent {
    const name = (event.data as { poll?: unknown } | null)?.poll
    const poll = typeof name === 'string' ? this.polls.get(name) : undefined
    if (poll) {
      poll.parked++
      poll.parkedAt.add(event.position)
      poll.position = event.position
    } else this.orphans.add(event.position)
    return { event, poll: poll?.definition.poll, error: error.message }
  }

  /** What an operator did about a parked event. Where that is not parked, with other code than then, it is no more. */
  #act(act: ActEvent, at: Position): ParkedEvent | undefined {
    const { poll: name, position, occurredAt } = act.data
    const isParked = this.isParked(BigInt(position), name)
    const failed = act.type === 'EventRetried' ? this.#retry(act.data, at, isParked) : undefined
    if (act.type === 'EventSkipped' && isParked) this.#settle(BigInt(position), name)
    const poll = name === undefined ? undefined : this.polls.get(name)
    if (poll) {
      poll.position = at
      if (occurredAt > poll.asOf) poll.asOf = occurredAt
    }
    return failed
  }

  #retry(act: EventData<'EventRetried'>, at: Position, isParked: boolean): ParkedEvent | undefined {
    const event = retriedEvent(act)
    if (!event) return undefined
    try {
      const decoded = decodeRetried(event, act.poll)
      if (!isParked) this.#touch(decoded, at)
      else if (!act.overtaken) this.#applyDecoded(decoded, event.position, at)
      if (isParked) this.#settle(event.position, act.poll)
      return undefined
    } catch (error) {
      const poll = this.polls.get(act.poll ?? '')?.definition.poll
      return isParked ? { event, poll, error: (error as Error).message, again: true } : undefined
    }
  }

  /** Whoever follows what has changed since a position looks at its periods, whether it counts since then or ever since. */
  #touch(event: OwnEvent, at: Position): void {
    const poll = this.polls.get(event.data.poll)
    if (poll && !isOfPoll(event)) this.#tally(poll, at, event, {})
  }

  #settle(position: Position, name: string | undefined): void {
    const poll = name === undefined ? undefined : this.polls.get(name)
    if (poll?.parkedAt.delete(position)) poll.parked--
    this.orphans.delete(position)
  }

  #parkedAt(poll: string | undefined): ReadonlySet<Position> | undefined {
    return poll === undefined ? undefined : this.polls.get(poll)?.parkedAt
  }
}

type PollEvent = Extract<OwnEvent, { type: 'PollOpened' | 'PollClosed' | 'PollReopened' }>
type SubmissionEvent = Exclude<OwnEvent, PollEvent>

const isOfPoll = (event: OwnEvent): event is PollEvent => event.type.startsWith('Poll')

interface Change {
  readonly taken?: Allocation
  readonly added?: Allocation
  readonly excluded?: number
  readonly withdrawn?: number
}

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
