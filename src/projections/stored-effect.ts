/** How a PollEffect is written down outside of the process and read again. */
import { z } from 'zod'
import type { CategoryAggregate } from './category-aggregate.ts'
import type { PollEffect } from './poll-effect.ts'

const position = z.string().regex(/^\d+$/).transform(BigInt)
const count = z.int().min(0)
/** What is in it is not looked at one by one: there may be a hundred thousand. */
const pairs = z.custom<readonly (readonly [number, number])[]>(Array.isArray)

const StoredEffect = z.strictObject({
  position,
  asOf: z.string(),
  status: z.enum(['open', 'closed']).optional(),
  parked: count,
  parkedAt: z.array(position).default([]),
  counted: z.int(),
  excluded: z.int(),
  withdrawn: count,
  categories: z.array(
    z.strictObject({ count: z.int(), sum: z.int(), sumSquares: z.int(), histogram: pairs }),
  ),
  needs: z.strictObject({ excluded: count, values: z.array(pairs), parked: z.boolean().default(false) }),
})

/** `effect` as text. */
export const writeEffect = ({ position, parkedAt, categories, needs, ...effect }: PollEffect): string =>
  JSON.stringify({
    ...effect,
    position: String(position),
    parkedAt: parkedAt.map(String),
    categories: categories.map(({ histogram, ...sums }: CategoryAggregate) => ({
      ...sums,
      histogram: [...histogram],
    })),
    needs: { ...needs, values: needs.values.map((values) => [...values]) },
  })

/** What `writeEffect` wrote, parsed as JSON. @throws when it is anything else */
export function readEffect(json: unknown): PollEffect {
  const { categories, needs, status, ...effect } = StoredEffect.parse(json)
  return {
    ...effect,
    status,
    categories: categories.map(({ histogram, ...sums }) => ({ ...sums, histogram: new Map(histogram) })),
    needs: { ...needs, values: needs.values.map((values) => new Map(values)) },
  }
}
