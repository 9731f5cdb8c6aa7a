import { expect, test } from 'vitest'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import { tally } from '../../src/projections/category-aggregate.ts'
import { diffAggregates } from '../../src/projections/diff-aggregates.ts'
import { openedPoll } from '../../src/projections/poll-aggregate.ts'

const definition: PollDefinition = {
  poll: 'p',
  title: 'P',
  step: 1,
  categories: ['a', 'b'].map((id) => ({ id, label: id, description: '', colour: '#000000' })),
  baselines: [],
}

function counted(...shares: readonly (readonly [number, number])[]) {
  const poll = openedPoll(definition, 7n, '2026-01-01T00:00:00.000Z')
  for (const values of shares) {
    poll.counted++
    for (const [index, value] of values.entries()) tally(poll.categories[index]!, value, 1)
  }
  return poll
}

test('given the same aggregate twice, with its definition keyed in another order, then nothing differs', () => {
  const other = counted([2000, 8000])
  const reordered = Object.fromEntries(Object.entries(definition).reverse()) as PollDefinition
  expect(diffAggregates(counted([2000, 8000]), { ...other, definition: reordered })).toEqual([])
})

test('given one submission missing, when compared, then every number that differs is told', () => {
  const expected = counted([2000, 8000], [2000, 8000])
  expect(diffAggregates(expected, counted([2000, 8000]))).toEqual([
    { what: 'counted', expected: '2', actual: '1' },
    { what: 'a: count', expected: '2', actual: '1' },
    { what: 'a: sum', expected: '4000', actual: '2000' },
    { what: 'a: sumSquares', expected: '8000000', actual: '4000000' },
    { what: 'a: 2000 given by', expected: '2', actual: '1' },
    { what: 'b: count', expected: '2', actual: '1' },
    { what: 'b: sum', expected: '16000', actual: '8000' },
    { what: 'b: sumSquares', expected: '128000000', actual: '64000000' },
    { what: 'b: 8000 given by', expected: '2', actual: '1' },
  ])
})

test('given histograms that differ behind equal sums, when compared, then the values are told', () => {
  const expected = counted([2000, 8000], [4000, 6000])
  const actual = counted([2000, 8000], [4000, 6000])
  actual.categories[0]!.histogram.set(2000, 2)
  actual.categories[0]!.histogram.delete(4000)
  expect(diffAggregates(expected, actual)).toEqual([
    { what: 'a: 2000 given by', expected: '1', actual: '2' },
    { what: 'a: 4000 given by', expected: '1', actual: '0' },
  ])
})

test('given a category less, another status and position, when compared, then each is told', () => {
  const actual = {
    ...counted(),
    status: 'closed' as const,
    position: 8n,
    categories: counted().categories.slice(1),
  }
  expect(diffAggregates(counted(), actual).map(({ what }) => what)).toEqual([
    'status',
    'position',
    'categories',
  ])
})
