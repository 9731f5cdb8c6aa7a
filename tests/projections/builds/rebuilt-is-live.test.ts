/** A version that is built beside the live one holds the same, row by row, whatever happens meanwhile. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { actions, tell } from '../../support/history.ts'
import { openWorkshop, rowsOf, type Workshop } from './workshop.ts'

let workshop: Workshop | undefined
afterEach(() => workshop?.close())

const rebuilds = fc.record({
  acts: actions({ minLength: 5, maxLength: 80 }),
  /** Which part of the history is there when the rebuild begins, in percent. */
  before: fc.integer({ min: 0, max: 100 }),
  /** And which part of it the live version knows by then. */
  projected: fc.integer({ min: 0, max: 100 }),
  rangeEvents: fc.integer({ min: 1, max: 25 }),
  jobs: fc.integer({ min: 1, max: 4 }),
})

describe('a rebuilt version', () => {
  it.each(['category-aggregate', 'submissions'] as const)(
    'of %s is the live one, row by row, for any history with events that arrive meanwhile',
    { timeout: 120_000 },
    async (projection) => {
      await fc.assert(
        fc.asyncProperty(rebuilds, async ({ acts, before, projected, rangeEvents, jobs }) => {
          const shop = await openWorkshop()
          try {
            const appends = tell(acts)
            const there = Math.floor((appends.length * before) / 100)
            const known = Math.floor((there * projected) / 100)
            await shop.write(appends.slice(0, known))
            await shop.project()
            await shop.write(appends.slice(known, there))
            await shop.operations.rebuild(projection, { by: 'test', promote: false })
            shop.build(projection, { rangeEvents, jobs })
            await shop.write(appends.slice(there))
            await shop.comes(projection, 'ready')
            await shop.project()
            const head = await shop.log.head()
            while (((await shop.version(projection, 2))?.position ?? 0n) < head)
              await new Promise((resolve) => setTimeout(resolve, 5))
            expect(await rowsOf(shop.url, projection, 2)).toEqual(await rowsOf(shop.url, projection, 1))
          } finally {
            await shop.close()
          }
        }),
        { numRuns: 8 },
      )
    },
  )
})
