import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import { checkAllocation } from '../../src/commands/allocation.ts'
import { type PollDefinition, WHOLE } from '../../src/events/poll-events.ts'

const pollOf = (count: number, step: number): PollDefinition => ({
  poll: 'p',
  title: 'P',
  step,
  categories: Array.from({ length: count }, (_, index) => ({
    id: `c${index}`,
    label: `C${index}`,
    description: '',
    colour: '#000000',
  })),
  baselines: [],
})

const steps = Array.from({ length: WHOLE }, (_, index) => index + 1).filter((step) => WHOLE % step === 0)

describe('simulated submissions', () => {
  test('given any poll and seed, when simulated, then the poll takes the allocation as it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100 }),
        fc.constantFrom(...steps),
        fc.string(),
        (count, step, seed) => {
          const poll = pollOf(count, step)
          const allocation = simulateAllocation(poll, seededRandom(seed))
          expect(checkAllocation(poll, allocation)).toEqual({ allocation })
        },
      ),
    )
  })

  test('given a seed, when simulated twice, then it is the same; other seeds are others', () => {
    const poll = pollOf(10, 1)
    const simulated = (seed: string) => simulateAllocation(poll, seededRandom(seed))
    expect(simulated('a-1')).toEqual(simulated('a-1'))
    expect(
      new Set(Array.from({ length: 50 }, (_, index) => JSON.stringify(simulated(`a-${index}`)))).size,
    ).toBeGreaterThan(40)
  })

  test('given a thousand people, when simulated, then there are zeros, round numbers and some who give all to few', () => {
    const poll = pollOf(10, 100)
    const people = Array.from({ length: 1000 }, (_, index) =>
      simulateAllocation(poll, seededRandom(`p-${index}`)),
    )
    const share = (holds: (values: number[]) => boolean) =>
      people.filter((allocation) => holds(Object.values(allocation))).length / people.length
    expect(share((values) => values.includes(0))).toBeGreaterThan(0.5)
    expect(share((values) => values.every((value) => value % 500 === 0))).toBeGreaterThan(0.5)
    expect(share((values) => values.filter((value) => value > 0).length <= 3)).toBeGreaterThan(0.04)
    expect(share((values) => values.filter((value) => value > 0).length > 3)).toBeGreaterThan(0.8)
  })
})

test('given the random numbers of many seeds, when counted, then they are spread evenly', () => {
  const tenths = new Array<number>(10).fill(0)
  for (let seed = 0; seed < 20_000; seed++) tenths[Math.floor(seededRandom(`s-${seed}`)() * 10)]! += 1
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
})
