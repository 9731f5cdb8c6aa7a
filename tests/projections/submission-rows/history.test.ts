/** What events make of the rows of submissions. */
import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/events/domain-events.ts'
import type { RecordedEvent } from '../../../src/events/event-log.ts'
import { type Allocation, submissionStream } from '../../../src/events/submission-events.ts'
import { pseudonymOf } from '../../../src/projections/submission-rows/pseudonym.ts'
import { SubmissionHistory } from '../../../src/projections/submission-rows/submission-history.ts'
import { testPoll } from '../../support/history.ts'

const all: Allocation = { a: 10_000, b: 0, c: 0 }
const half: Allocation = { a: 5000, b: 5000, c: 0 }
const [first, other] = ['7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01', '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a02']
const receiptHash = 'ab'.repeat(32)

type Told = readonly [
  type: string,
  data: object,
  second?: number | undefined,
  submission?: string | undefined,
]

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`
const ms = (second: number) => Date.parse(at(second))

/** Applies the events, by default a second apart; what does not apply is told with its position. */
function given(...events: readonly Told[]) {
  const history = new SubmissionHistory(new Map([['one', testPoll('one')]]))
  const refused: string[] = []
  for (const [index, [type, data, second = index + 1, submission = first]] of events.entries()) {
    const position = BigInt(index + 1)
    const event = {
      type,
      schemaVersion: 1,
      stream: submissionStream(submission),
      data: { poll: 'one', occurredAt: at(second), ...data },
      position,
      recordedAt: at(59),
    } as unknown as RecordedEvent
    try {
      history.apply(decode(event), event)
    } catch (error) {
      refused.push(`${position}: ${(error as Error).message}`)
    }
  }
  const rows = history.added.map(({ from, end, shares, changedAt }) => ({
    from,
    to: end?.position,
    how: end?.how,
    shares,
    changedAt,
    ...(end && { toTime: end.time }),
  }))
  return { rows, refused, added: history.added }
}

const submitted = (allocation: Allocation, second?: number, submission?: string): Told => [
  'AllocationSubmitted',
  { allocation, via: 'api', receiptHash },
  second,
  submission,
]
const later = (type: string, data: object, second?: number, submission?: string): Told => [
  type,
  { submittedAt: at(1), ...data },
  second,
  submission,
]
const revised = (replaces: Allocation, allocation: Allocation, second?: number) =>
  later('AllocationRevised', { replaces, allocation }, second)
const withdrawn = (replaces: Allocation, second?: number) =>
  later('AllocationWithdrawn', { replaces }, second)
const excluded = (replaces: Allocation) => later('SubmissionExcluded', { replaces, reason: 'test' })
const reinstated = (allocation: Allocation, second?: number) =>
  later('SubmissionReinstated', { allocation }, second)

describe('a submission', () => {
  it('given it is submitted, has a row that stands', () => {
    const { added } = given(submitted(half))
    expect(added).toEqual([
      {
        submission: first,
        poll: 'one',
        pseudonym: pseudonymOf(receiptHash),
        from: 1n,
        submittedAt: ms(1),
        changedAt: ms(1),
        shares: [5000, 5000, 0],
      },
    ])
  })

  it('given it is revised, has a second row from then on, under the same pseudonym', () => {
    const { rows, added } = given(submitted(half), revised(half, all))
    expect(rows).toEqual([
      { from: 1n, to: 2n, how: 'revised', shares: [5000, 5000, 0], changedAt: ms(1), toTime: ms(2) },
      { from: 2n, to: undefined, how: undefined, shares: [10_000, 0, 0], changedAt: ms(2) },
    ])
    expect(added.map(({ pseudonym, submittedAt }) => [pseudonym, submittedAt])).toEqual([
      [pseudonymOf(receiptHash), ms(1)],
      [pseudonymOf(receiptHash), ms(1)],
    ])
  })

  it('given it is withdrawn, has no row that stands', () => {
    const { rows } = given(submitted(half), withdrawn(half))
    expect(rows).toMatchObject([{ from: 1n, to: 2n, how: 'withdrawn' }])
  })

  it('given it is excluded and reinstated, has a row before and one after', () => {
    const { rows } = given(submitted(half), excluded(half), submitted(all, 3, other), reinstated(half))
    expect(rows).toMatchObject([
      { from: 1n, to: 2n, how: 'excluded' },
      { from: 3n, to: undefined },
      { from: 4n, to: undefined, shares: [5000, 5000, 0], changedAt: ms(4) },
    ])
  })

  it('given a clock that goes back, is not changed before it was', () => {
    const { rows } = given(
      submitted(half, 10),
      revised(half, all, 5),
      revised(all, half, 12),
      withdrawn(half, 3),
    )
    expect(rows.map(({ changedAt, toTime }) => [changedAt, toTime])).toEqual([
      [ms(10), ms(10)],
      [ms(10), ms(12)],
      [ms(12), ms(12)],
    ])
  })

  it('given a time that cannot be read, takes the one at which the log took it', () => {
    const history = new SubmissionHistory(new Map([['one', testPoll('one')]]))
    const data = { poll: 'one', allocation: all, via: 'api', receiptHash, occurredAt: 'yesterday' } as const
    const event = { stream: submissionStream(first), position: 1n, recordedAt: at(59) } as RecordedEvent
    history.apply({ type: 'AllocationSubmitted', data }, event)
    expect(history.added[0]).toMatchObject({ submittedAt: ms(59), changedAt: ms(59) })
  })
})

describe('what does not fit its submission makes no row', () => {
  it.each<[string, readonly Told[], string]>([
    ['submitting again', [submitted(half), submitted(all)], '2: it was submitted before'],
    ['revising what was never submitted', [revised(half, all)], '1: it was never submitted'],
    [
      'taking back what another has given',
      [submitted(half), submitted(all, 2, other), withdrawn(all)],
      '3: it does not have the allocation that is taken back',
    ],
    [
      'withdrawing twice',
      [submitted(half), withdrawn(half), withdrawn(half)],
      '3: it does not count: it was withdrawn',
    ],
    ['reinstating what counts', [submitted(half), reinstated(half)], '2: it is not excluded'],
    [
      'reinstating what was withdrawn',
      [submitted(half), withdrawn(half), reinstated(half)],
      '3: it is not excluded',
    ],
    [
      'an allocation that the poll does not have',
      [submitted(half), revised(half, { a: 9999, b: 1, c: 0 })],
      '2: the share of a is 9999',
    ],
    [
      'a submission to another poll',
      [['AllocationSubmitted', { poll: 'two', allocation: all, via: 'api', receiptHash }]],
      '1: poll two was never opened',
    ],
  ])('%s', (_, events, error) => {
    const { rows, refused } = given(...events)
    const before = given(...events.slice(0, -1))
    expect([rows, refused]).toEqual([before.rows, [error]])
  })

  it('a stream that is no submission’s', () => {
    expect(given([...submitted(half).slice(0, 2), 1, 'no-uuid'] as unknown as Told).refused).toEqual([
      "1: the stream submission-no-uuid is no submission's",
    ])
  })
})
