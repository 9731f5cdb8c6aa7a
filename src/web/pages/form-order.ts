import { createHash } from 'node:crypto'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Shown } from '../../events/submission-events.ts'

/**
 * In which order a form shows the categories: what stands first gets more, so it is another one for everybody. It
 * follows from the form's token, and so stays the same until the form is submitted.
 * @param seed the token
 * @param count how many categories there are
 * @returns the place of each among the poll's categories
 */
export function orderFor(seed: string, count: number): number[] {
  const random = createHash('shake256', { outputLength: 4 * count })
    .update(`order\n${seed}`)
    .digest()
  const order = Array.from({ length: count }, (_, place) => place)
  for (let last = count - 1; last > 0; last--) {
    const other = random.readUInt32LE(4 * last) % (last + 1)
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}

/** What is recorded of a form: its order in two digits a category, and whether the results were known to be seen. */
export const shownWith = (
  { categories }: Pick<PollDefinition, 'categories'>,
  token: string,
  seen: boolean | undefined,
): Shown => ({
  order: orderFor(token, categories.length)
    .map((place) => String(place).padStart(2, '0'))
    .join(''),
  results: seen ? 'seen' : 'unseen',
})
