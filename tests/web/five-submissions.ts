import { expect } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import type { TestService } from '../support/service.ts'

/** Something to be seen: five people between nothing and everything for health, and the results tell of them. */
export async function submitFive({ services: { commands, results } }: TestService): Promise<void> {
  for (const health of [0, 1000, 2500, 2500, 10_000])
    await submitAllocation(commands, {
      poll: 'us-federal',
      allocation: { health, other: 10_000 - health },
      via: 'simulation',
    })
  await eventually(async () => expect((await results.results('us-federal')).aggregate.counted).toBe(5))
}
