import type { ExclusionNumbers } from '../commands/exclusions.ts'
import type { Allocation } from '../events/submission-events.ts'
import {
  emptyCategory,
  type MutableCategoryAggregate,
  mergeCategory,
  negateCategory,
  tally,
} from '../projections/category-aggregate.ts'
import { copyPoll, type PollAggregate } from '../projections/poll-aggregate.ts'
import { resultsView } from '../queries/results-view.ts'
import type { SelectedPart } from '../queries/selection/select-submissions.ts'

export type ExclusionAct = 'exclude' | 'reinstate'

/** Adds submissions up one by one. */
export class Sum implements SelectedPart {
  readonly #ids: readonly string[]
  readonly categories: readonly MutableCategoryAggregate[]
  count = 0

  constructor({ definition }: PollAggregate) {
    this.#ids = definition.categories.map(({ id }) => id)
    this.categories = this.#ids.map(emptyCategory)
  }

  add(allocation: Allocation): void {
    this.count++
    for (const [index, id] of this.#ids.entries()) tally(this.categories[index]!, allocation[id]!, 1)
  }
}

/** The poll as it is when these have been set aside, or count again. */
export function changedPoll(before: PollAggregate, act: ExclusionAct, changed: SelectedPart): PollAggregate {
  const after = copyPoll(before)
  const sign = act === 'exclude' ? -1 : 1
  after.counted += sign * changed.count
  after.excluded -= sign * changed.count
  for (const [index, category] of changed.categories.entries())
    mergeCategory(after.categories[index]!, sign < 0 ? negateCategory(category) : category)
  return after
}

/** The published numbers of a poll. */
export function numbersOf(aggregate: PollAggregate): ExclusionNumbers {
  const { submissions, categories } = resultsView({ tier: 'replay', aggregate })
  return {
    counted: submissions.counted,
    excluded: submissions.excluded,
    categories: categories.map(({ id, label, mean, median, truthful }) => ({
      id,
      label,
      mean,
      median,
      truthful,
    })),
  }
}
