import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { copyRows } from '../../../src/projections/submission-rows/copy-rows.ts'
import { lastRows } from '../../../src/projections/submission-rows/last-rows.ts'
import type { TemporalRow } from '../../../src/projections/submission-rows/temporal-row.ts'
import { createRowsTable, type RowsTable } from './table.ts'

let table: RowsTable
beforeAll(async () => {
  table = await createRowsTable()
})
afterAll(() => table?.drop())

/** What PostgreSQL and ISO 8601 both can write. */
const time = fc.oneof(
  fc.integer({ min: Date.parse('0001-01-01T00:00:00.000Z'), max: Date.parse('9999-12-31T23:59:59.999Z') }),
  fc.integer({ min: Date.parse('1999-12-31T23:59:59.000Z'), max: Date.parse('2000-01-01T00:00:01.000Z') }),
)
const position = fc.bigInt({ min: 1n, max: 2n ** 63n - 2n })
const ordered = <T extends number | bigint>(values: readonly T[]) =>
  [...values].sort((one, other) => (one < other ? -1 : 1))

const rows: fc.Arbitrary<TemporalRow> = fc
  .record({
    submission: fc.uuid(),
    poll: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
    pseudonym: fc.uuid().map((uuid) => uuid.replaceAll('-', '')),
    positions: fc.tuple(position, position),
    times: fc.tuple(time, time, time),
    shares: fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 30 }),
    how: fc.constantFrom('revised' as const, 'withdrawn' as const, 'excluded' as const, undefined),
  })
  .map(({ positions, times, how, ...row }) => {
    const [from, to] = ordered(positions) as [bigint, bigint]
    const [submittedAt, changedAt, ended] = ordered(times) as [number, number, number]
    const end = how && { position: to > from ? to : to + 1n, time: ended, how }
    return { ...row, from, submittedAt, changedAt, ...(end && { end }) }
  })

it('given any rows, then those that are read are those that were written', { timeout: 60_000 }, async () => {
  const among = fc.uniqueArray(rows, { selector: ({ submission }) => submission, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(among, async (written) => {
      await table.empty()
      const read = await table.pool.lend(
        async (client) => {
          await copyRows(client, 1, written)
          return await lastRows(
            client,
            1,
            written.map(({ submission }) => submission),
          )
        },
        { deadlineMs: 10_000 },
      )
      expect(read).toEqual(written)
    }),
    { numRuns: 60 },
  )
})
