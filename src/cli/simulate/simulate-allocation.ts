import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'
import { largestRemainder } from '../import/largest-remainder.ts'
import { gamma, type Random } from './random.ts'

/** How people of real polls divide: some give all to a few, most write round numbers, and many leave something out. */
const GIVES_ALL_TO_A_FEW = 0.08
const WRITES_FIVES = 0.6
const LEAVES_OUT = 0.12

/** How near to the actual budget people's wishes are: a larger number scatters less. */
const CONCENTRATION = 14

/** What one person might submit to the poll, around its first actual budget if it has one. */
export function simulateAllocation(definition: PollDefinition, random: Random): Allocation {
  const { categories, step } = definition
  const weights =
    random() < GIVES_ALL_TO_A_FEW
      ? fewWeights(categories.length, random)
      : scatteredWeights(definition, random)
  const grain = chooseGrain(step, random)
  const units = largestRemainder(weights, WHOLE / grain)
  return Object.fromEntries(categories.map(({ id }, index) => [id, units[index]! * grain]))
}

/** Fives of percent, whole percents or the poll's own step. */
function chooseGrain(step: number, random: Random): number {
  const wished = random() < WRITES_FIVES ? 500 : 100
  return [wished, 100].find((grain) => grain % step === 0) ?? step
}

/** Everything to one, two or three categories, evenly. */
function fewWeights(count: number, random: Random): number[] {
  const weights = new Array<number>(count).fill(0)
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) weights[Math.floor(random() * count)] = 1
  return weights
}

function scatteredWeights({ categories, baselines }: PollDefinition, random: Random): number[] {
  const even = 1 / categories.length
  const weights = categories.map(({ id }) => {
    const actual = (baselines[0]?.shares[id] ?? even * WHOLE) / WHOLE
    // Half way to even shares: people want more of what is small than it has.
    const alpha = (CONCENTRATION * (actual + even)) / 2
    return random() < LEAVES_OUT ? 0 : Math.ceil(gamma(alpha, random) * 1e6)
  })
  return weights.some((weight) => weight > 0) ? weights : fewWeights(categories.length, random)
}
