import type { Fold, ParkedEvent } from './fold.ts'
import type { Act } from './retried-event.ts'

/** What waits for an operator after a batch, and what does no more; the last error of each. */
export function outcomeOf(fold: Fold, failed: readonly ParkedEvent[], acts: readonly Act[]) {
  const acted = new Map(acts.map((act) => [act.position, act]))
  const latest = new Map(failed.map((parked) => [parked.event.position, parked]))
  const isParked = ({ position, poll }: Pick<Act, 'position' | 'poll'>) => fold.isParked(position, poll)
  const settled = acts.filter((act) => !isParked(act))
  const parked = [...latest].flatMap(([position, each]) => {
    const act = acted.get(position)
    return act && !isParked(act) ? [] : each
  })
  return { parked, settled }
}
