import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import { Fold } from '../../src/projections/fold.ts'
import { assertConsistent } from '../../src/projections/poll-aggregate.ts'
import { testPoll } from '../support/history.ts'

const all: Allocation = { a: 10_000, b: 0, c: 0 }
const half: Allocation = { a: 5000, b: 5000, c: 0 }

/** Folds events, one position after the other; checks after each that the aggregate still makes sense. */
function given(...events: readonly [type: string, data: object, schemaVersion?: number][]) {
  const fold = new Fold()
  const parked = events.flatMap(([type, data, schemaVersion = 1], index) => {
    const occurredAt = `2026-01-01T00:00:0${index}.000Z`
    const event = { type, schemaVersion, data: { occurredAt, ...data }, position: BigInt(index + 1) }
    const failed = fold.apply(event as RecordedEvent)
    for (const poll of fold.polls.values()) assertConsistent(poll)
    return failed ?? []
  })
  const poll = fold.polls.get('one')
  return { fold, parked, poll, sums: poll?.categories.map(({ sum }) => sum) }
}

const opened = ['PollOpened', testPoll('one')] as [string, object]
const submitted = (allocation: unknown) =>
  ['AllocationSubmitted', { poll: 'one', allocation, via: 'api', receiptHash: '0'.repeat(64) }] as [
    string,
    object,
  ]
const later = (type: string, data: object) =>
  [type, { poll: 'one', submittedAt: '2026-01-01T00:00:01.000Z', ...data }] as [string, object]

describe('fold', () => {
  it('counts what is submitted', () => {
    const { poll, sums } = given(opened, submitted(all), submitted(half))
    expect(poll).toMatchObject({
      counted: 2,
      excluded: 0,
      withdrawn: 0,
      parked: 0,
      position: 3n,
      status: 'open',
    })
    expect(poll?.asOf).toBe('2026-01-01T00:00:02.000Z')
    expect(sums).toEqual([15_000, 5000, 0])
    expect(poll?.categories[0]).toMatchObject({ count: 2, sumSquares: 125_000_000 })
    expect([...poll!.categories[0]!.histogram]).toEqual([
      [10_000, 1],
      [5000, 1],
    ])
  })

  it('replaces what is revised', () => {
    const revised = later('AllocationRevised', { allocation: half, replaces: all })
    const { poll, sums } = given(opened, submitted(all), revised)
    expect(poll?.counted).toBe(1)
    expect(sums).toEqual([5000, 5000, 0])
  })

  it('takes back what is withdrawn, and keeps its number', () => {
    const { poll, sums } = given(opened, submitted(all), later('AllocationWithdrawn', { replaces: all }))
    expect(poll).toMatchObject({ counted: 0, withdrawn: 1 })
    expect(sums).toEqual([0, 0, 0])
    expect(poll!.categories[0]!.histogram.size).toBe(0)
  })

  it('sets aside what is excluded, and takes it in again', () => {
    const excluded = later('SubmissionExcluded', { replaces: all, reason: 'duplicate' })
    const before = given(opened, submitted(all), submitted(half), excluded)
    expect(before.poll).toMatchObject({ counted: 1, excluded: 1 })
    expect(before.sums).toEqual([5000, 5000, 0])
    const reinstated = later('SubmissionReinstated', { allocation: all })
    const after = given(opened, submitted(all), submitted(half), excluded, reinstated)
    expect(after.poll).toMatchObject({ counted: 2, excluded: 0 })
    expect(after.sums).toEqual([15_000, 5000, 0])
  })

  it('follows closing and reopening', () => {
    expect(given(opened, ['PollClosed', { poll: 'one' }]).poll?.status).toBe('closed')
    const reopened = given(opened, ['PollClosed', { poll: 'one' }], ['PollReopened', { poll: 'one' }])
    expect(reopened.poll?.status).toBe('open')
  })

  it('passes over names and versions that it does not know, and counts them', () => {
    const { fold, parked, poll } = given(opened, ['Unheard', { poll: 'one' }], [
      ...submitted(all),
      99,
    ] as never)
    expect(fold.unknown).toBe(2)
    expect(parked).toEqual([])
    expect(poll).toMatchObject({ counted: 0, position: 1n })
  })

  it('counts submissions of every version alike', () => {
    const [type, data] = submitted(all)
    const shown = { order: '000102', results: 'unseen' }
    expect(given(opened, [type, data, 1]).poll).toEqual(given(opened, [type, { ...data, shown }, 2]).poll)
  })

  describe('parks what it cannot apply, wholly, and goes on', () => {
    const broken: [string, [string, object]][] = [
      ['a sum other than the whole', submitted({ a: 1, b: 0, c: 0 })],
      ['a negative share', submitted({ a: -1000, b: 11_000, c: 0 })],
      ['a fraction', submitted({ a: 0.5, b: 9999.5, c: 0 })],
      ['a share that is text', submitted({ a: '10000', b: 0, c: 0 })],
      ['a missing category', submitted({ a: 5000, b: 5000 })],
      ['an unknown category', submitted({ ...all, d: 0 })],
      ['a share off the step', submitted({ a: 9999, b: 1, c: 0 })],
      ['no allocation', submitted(null)],
      ['no time', ['AllocationSubmitted', { ...submitted(all)[1], occurredAt: undefined }]],
      [
        'a time that is none',
        ['AllocationSubmitted', { ...submitted(all)[1], occurredAt: '2026-13-01T00:00:00.000Z' }],
      ],
      ['no time of submission', later('SubmissionExcluded', { replaces: half, submittedAt: undefined })],
      ['taking back what was never counted', later('AllocationWithdrawn', { replaces: all })],
      ['revising what was never counted', later('AllocationRevised', { replaces: all, allocation: half })],
      ['reinstating where nothing is excluded', later('SubmissionReinstated', { allocation: all })],
      ['opening the poll again', opened],
    ]
    it.each(broken)('%s', (_, event) => {
      const { parked, poll, sums } = given(opened, submitted(half), event, submitted(half))
      expect(parked).toHaveLength(1)
      expect(parked[0]).toMatchObject({ poll: 'one', event: { position: 3n } })
      expect(parked[0]!.error).not.toBe('')
      expect(poll).toMatchObject({ counted: 2, parked: 1, position: 4n })
      expect(sums).toEqual([10_000, 10_000, 0])
    })

    it('an event of a poll that was never opened', () => {
      const { parked, poll } = given(opened, ['PollClosed', { poll: 'two' }])
      expect(parked).toMatchObject([{ poll: undefined, error: 'poll two was never opened' }])
      expect(poll).toMatchObject({ parked: 0, position: 1n })
    })

    it('data that is no object', () => {
      const fold = new Fold()
      const event = { type: 'AllocationSubmitted', schemaVersion: 1, data: null, position: 1n }
      expect(fold.apply(event as RecordedEvent)).toMatchObject({ poll: undefined })
    })
  })
})
