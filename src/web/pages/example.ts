/** The worked example of the page on the truthful budget, computed by the very code that computes the results. */
import { WHOLE } from '../../events/poll-events.ts'
import { emptyCategory, tally } from '../../projections/category-aggregate.ts'
import { distributionOf } from '../../queries/distribution.ts'
import { truthfulBudget } from '../../queries/truthful-budget.ts'

/** Of the first of two categories, basis points. */
interface Outcome {
  readonly asked: readonly number[]
  readonly mean: number
  readonly truthful: number
  /** The fixed marks, ascending: one more than there are people. */
  readonly fixed: readonly number[]
}

/** What comes of two categories when people give the first one these shares, and the second one the rest. */
export function outcomeOf(asked: readonly number[]): Outcome {
  const categories = [emptyCategory(), emptyCategory()] as const
  for (const share of asked) {
    tally(categories[0], share, 1)
    tally(categories[1], WHOLE - share, 1)
  }
  const { t, shares } = truthfulBudget(categories.map(distributionOf))!
  const [numerator = 0, denominator = 1] = t.split('/').map(Number)
  return {
    asked,
    mean: categories[0].sum / asked.length,
    truthful: shares[0]!,
    fixed: [0, ...asked.map((_, k) => Math.min(WHOLE, ((k + 1) * numerator) / denominator))],
  }
}

const [ana, ben, cleo] = [6000, 3000, 2000]
const benAfter = 5000

export const honest = outcomeOf([ana, ben, cleo])
export const exaggerated = outcomeOf([WHOLE, ben, cleo])
const changed = outcomeOf([ana, benAfter, cleo])

/** The example in numbers, for the sentences about it. */
export const example = {
  wishes: [ana, ben, cleo] as const,
  mean: honest.mean,
  truthful: honest.truthful,
  exaggerated: { mean: exaggerated.mean, truthful: exaggerated.truthful },
  changed: { wish: benAfter, truthful: changed.truthful },
}
