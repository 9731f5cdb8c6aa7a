/** Arbitrary histories of two polls: what people and operators do, in any order, repeats and nonsense included. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { EventType } from '../../src/events/domain-events.ts'
import type { NewEvent } from '../../src/events/event-log.ts'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { type PollDefinition, pollStream } from '../../src/events/poll-events.ts'
import { type Allocation, submissionStream } from '../../src/events/submission-events.ts'

/** One append of a history. */
export interface Append {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly NewEvent[]
}

/** A small poll with a coarse step, so that values meet. */
export const testPoll = (poll: string, step = 1000): PollDefinition => ({
  poll,
  title: 'A test',
  step,
  categories: ['a', 'b', 'c'].map((id) => ({
    id,
    label: id.toUpperCase(),
    description: '',
    colour: '#445566',
  })),
  baselines: [],
})

/** Splits of ten tenths over a, b and c. */
const allocations: fc.Arbitrary<Allocation> = fc
  .tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 }))
  .map(([x, y]) => [Math.min(x, y), Math.max(x, y)] as const)
  .map(([x, y]) => ({ a: x * 1000, b: (y - x) * 1000, c: (10 - y) * 1000 }))

const action = fc.record({
  /** Which of the two polls. */
  poll: fc.nat({ max: 1 }),
  kind: fc.constantFrom(
    'submit',
    'submit',
    'submit',
    'revise',
    'withdraw',
    'exclude',
    'reinstate',
    'repeat',
    'broken',
    'unknown',
    'close',
    'reopen',
  ),
  /** Which of the submissions so far. */
  which: fc.nat(),
  allocation: allocations,
  /** Seconds between this and the one before; the clock may stand still. */
  after: fc.nat({ max: 100 }),
})

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

interface Submission {
  readonly stream: string
  readonly poll: string
  readonly submittedAt: string
  status: 'counted' | 'excluded' | 'withdrawn'
  allocation: Allocation
  revision: number
}

/** What happens to two polls: any number of acts. `tell` makes appends of them. */
export const actions = ({ minLength = 0, maxLength = 60 } = {}): fc.Arbitrary<readonly Action[]> =>
  fc.array(action, { minLength, maxLength })

/** The polls' opening, then the acts as appends; an act that makes no sense leads to none. */
export const tell = (acts: readonly Action[], polls: readonly [string, string] = ['one', 'two']) =>
  new Historian(polls).tell(acts)

class Historian {
  readonly #polls: readonly [string, string]
  readonly #appends: Append[] = []
  readonly #submissions: Submission[] = []
  readonly #pollRevisions = new Map<string, number>()
  #time = Date.parse('2026-01-01T00:00:00.000Z')

  constructor(polls: readonly [string, string]) {
    this.#polls = polls
  }

  tell(acts: readonly Action[]): readonly Append[] {
    for (const poll of this.#polls) this.#poll('PollOpened', poll, testPoll(poll))
    for (const each of acts) {
      this.#time += each.after * 1000
      this.#act(each)
    }
    return this.#appends
  }

  #act({ kind, poll: index, which, allocation }: Action): void {
    const poll = this.#polls[index]!
    const submission = this.#submissions[which % Math.max(1, this.#submissions.length)]
    if (kind === 'submit') this.#submit(poll, allocation)
    else if (kind === 'repeat') this.#appends.push(this.#appends[which % this.#appends.length]!)
    else if (kind === 'close') this.#poll('PollClosed', poll, { poll })
    else if (kind === 'reopen') this.#poll('PollReopened', poll, { poll })
    else if (submission) this.#change(submission, kind, allocation)
  }

  #submit(poll: string, allocation: Allocation): void {
    const stream = submissionStream(randomUUID())
    const submittedAt = this.#now()
    const data = { poll, allocation, via: 'api', receiptHash: '0'.repeat(64), occurredAt: submittedAt }
    this.#append(stream, NO_STREAM, 'AllocationSubmitted', data)
    this.#submissions.push({ stream, poll, submittedAt, status: 'counted', allocation, revision: 0 })
  }

  #change(submission: Submission, kind: Action['kind'], allocation: Allocation): void {
    const { poll, submittedAt, status, allocation: replaces } = submission
    const common = { poll, submittedAt, occurredAt: this.#now() }
    const change = (type: string, data: object) => {
      this.#append(submission.stream, submission.revision, type, { ...common, ...data })
      submission.revision++
    }
    if (kind === 'unknown') change('SomethingFromTheFuture', {})
    // Takes back what nobody gave: must be parked.
    else if (kind === 'broken') change('AllocationWithdrawn', { replaces: { a: 1, b: 2, c: 9997 } })
    else if (kind === 'revise' && status === 'counted') {
      change('AllocationRevised', { allocation, replaces })
      submission.allocation = allocation
    } else if (kind === 'withdraw' && status === 'counted') {
      change('AllocationWithdrawn', { replaces })
      submission.status = 'withdrawn'
    } else if (kind === 'exclude' && status === 'counted') {
      change('SubmissionExcluded', { replaces, reason: 'test' })
      submission.status = 'excluded'
    } else if (kind === 'reinstate' && status === 'excluded') {
      change('SubmissionReinstated', { allocation: replaces })
      submission.status = 'counted'
    }
  }

  #poll(type: EventType, poll: string, data: object): void {
    const revision = this.#pollRevisions.get(poll) ?? NO_STREAM
    this.#append(pollStream(poll), revision, type, { ...data, occurredAt: this.#now() })
    this.#pollRevisions.set(poll, revision + 1)
  }

  #append(stream: string, expectedRevision: number, type: string, data: object): void {
    const event = { id: randomUUID(), type, schemaVersion: 1, data }
    this.#appends.push({ stream, expectedRevision, events: [event] })
  }

  #now(): string {
    return new Date(this.#time).toISOString()
  }
}
