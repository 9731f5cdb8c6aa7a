/** What pages weigh in a real browser that comes for the first time. */
import { describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { EMPTY, stageFor } from './stage.ts'
import { sumOf, transferredFor, WEIGHT_LIMIT } from './transferred.ts'
import { submit } from './walk.ts'

const stage = stageFor(async ({ services: { commands, results } }) => {
  for (let health = 0; health <= 10_000; health += 200)
    await submitAllocation(commands, {
      poll: 'us-federal',
      allocation: { health, other: 10_000 - health },
      via: 'simulation',
    })
  await eventually(async () => expect((await results.results('us-federal')).aggregate.counted).toBe(51))
})

describe.each(['en', 'es'] as const)('in %s', (language) => {
  const weighed = async (path: string, cookies: Parameters<ReturnType<typeof stage>['open']>[1] = {}) => {
    const page = await stage().open(EMPTY, cookies)
    const transferred = await transferredFor(page, path)
    // The page itself, how it looks, and what it does: nothing was forgotten.
    expect([...transferred.keys()]).toEqual(expect.arrayContaining(['Document', 'Stylesheet', 'Script']))
    return sumOf(transferred)
  }

  test.each(['/', '/results', '/trends'])('%s weighs less than 60 kB in all', async (path) => {
    expect(await weighed(`/${language}${path}`)).toBeLessThan(WEIGHT_LIMIT)
  })

  test('one’s own page, with the receipt, weighs less than 60 kB in all', async () => {
    await submit(stage(), { language })
    const storageState = await stage().page.context().storageState()
    const { pathname } = new URL(stage().page.url())
    await stage().leave()
    expect(await weighed(pathname, { storageState })).toBeLessThan(WEIGHT_LIMIT)
  })
})
