/** What is taken away gives what was published, whatever happened, at any moment. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exports } from '../../../src/queries/exports/exports.ts'
import { exportFormats } from '../../../src/queries/exports/formats.ts'
import { actions, tell } from '../../support/history.ts'
import { logOf, RowsInMemory, resultsOf } from '../../support/rows-in-memory.ts'
import { recounted } from './files.ts'

describe.each(exportFormats)('an export as %s', (format) => {
  test('given any history, at any position, recounts to the results there', () =>
    fc.assert(
      fc.asyncProperty(actions({ minLength: 1 }), fc.nat(), async (acts, anywhere) => {
        const log = logOf(tell(acts))
        const head = Number(await log.head())
        const exports = new Exports({ rows: new RowsInMemory(log), results: resultsOf(log) })
        // Both polls are open from position 2 on.
        for (const position of [2 + (anywhere % (head - 1)), head]) {
          const { differences, numbers, view, published } = await recounted(exports, 'one', format, {
            position: BigInt(position),
          })
          expect(differences).toEqual([])
          expect(numbers).toBeGreaterThan(30)
          expect(view.submissions.counted).toBe(published.submissions.counted)
        }
      }),
      { numRuns: 60 },
    ))

  test('given any history, as of any time, recounts to the results then', () =>
    fc.assert(
      fc.asyncProperty(actions({ minLength: 1 }), fc.nat({ max: 1000 }), async (acts, seconds) => {
        const log = logOf(tell(acts))
        const exports = new Exports({ rows: new RowsInMemory(log), results: resultsOf(log) })
        const asOf = new Date(Date.parse('2026-01-01T00:00:00.000Z') + seconds * 1000).toISOString()
        const { differences } = await recounted(exports, 'two', format, { asOf })
        expect(differences).toEqual([])
      }),
      { numRuns: 30 },
    ))
})
