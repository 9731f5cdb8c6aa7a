/** Periods are compared a stretch of months at a time, however many there are, and nothing is left out between two. */
import { expect, it, onTestFinished } from 'vitest'
import { PeriodStore } from '../../../src/projections/periods/period-store.ts'
import { compareWithReplay } from '../../../src/projections/verify/compare-with-replay.ts'
import { stretchesOf } from '../../../src/projections/verify/stretches.ts'
import { execute } from '../../support/stored-periods.ts'
import { history } from './some-history.ts'
import { openWorkshop } from './workshop.ts'

const options = { signal: new AbortController().signal, onProgress: () => {} }
const MONTHS = 5

it('finds what is wrong in any month, and reads no more at a time than it may', async () => {
  const shop = await openWorkshop()
  const periods = new PeriodStore({ databaseUrl: shop.url })
  onTestFinished(async () => {
    await periods.close()
    await shop.close()
  })
  // The same acts again and again, each time a month later.
  for (let month = 0; month < MONTHS; month++) {
    const appends = history(40 + month, [`one-${month}`, `two-${month}`])
    const text = JSON.stringify(appends).replaceAll('2026-01-', `2026-0${month + 1}-`)
    await shop.write(JSON.parse(text))
  }
  await shop.project()
  const months = await periods.rowsOfMonths()
  expect(months).toHaveLength(MONTHS)
  const most = Math.max(...months.map(({ rows }) => rows)) * 2
  const stretches = await stretchesOf(periods, { rowsAtOnce: most })
  expect(stretches.length).toBeGreaterThan(1)
  expect(await stretchesOf(periods, { rowsAtOnce: 1 })).toHaveLength(MONTHS)

  const right = await compareWithReplay(shop.log, { periods: stretches, rows: [] }, options)
  expect(right.polls.flatMap(({ differences }) => differences)).toEqual([])
  const compared = right.polls.reduce((sum, poll) => sum + poll.periods, 0)
  const [{ count }] = (await execute(
    shop.url,
    'select count(distinct (poll, start))::int as count from period_aggregates',
  )) as [{ count: number }]
  expect(compared).toBe(count)

  for (let month = 0; month < MONTHS; month++) {
    const start = `start >= '2026-0${month + 1}-01' and start < '2026-0${month + 2}-01'`
    await execute(shop.url, `update period_aggregates set excluded = excluded + 1 where ${start}`)
    const wrong = await compareWithReplay(
      shop.log,
      { periods: await stretchesOf(periods, { rowsAtOnce: most }), rows: [] },
      options,
    )
    const differing = wrong.polls.filter(({ differences }) => differences.length > 0)
    expect(differing.length).toBeGreaterThan(0)
    for (const { poll } of differing) expect(poll).toMatch(new RegExp(`-${month}$`))
    await execute(shop.url, `update period_aggregates set excluded = excluded - 1 where ${start}`)
  }
})

it('tells a snapshot that differs from the replay at its own position', async () => {
  const shop = await openWorkshop()
  onTestFinished(() => shop.close())
  await shop.write(history(60))
  await shop.project()
  const { ProjectionStore } = await import('../../../src/projections/projection-store.ts')
  const { fold, checkpoint } = await new ProjectionStore(shop.pool).load()
  const one = fold.polls.get('one')!
  const compare = (snapshot: typeof one) =>
    compareWithReplay(shop.log, { snapshots: new Map([['one', snapshot]]), periods: [], rows: [] }, options)
  const told = async (snapshot: typeof one) =>
    (await compare(snapshot)).polls.flatMap(({ differences }) => differences)
  expect(await told(one)).toEqual([])
  expect(await told({ ...one, counted: one.counted + 1 })).toEqual([
    { what: 'snapshot: counted', expected: `${one.counted}`, actual: `${one.counted + 1}` },
  ])
  expect((await told({ ...one, position: checkpoint + 5n })).map(({ what }) => what)).toEqual([
    'snapshot: position',
  ])
})
