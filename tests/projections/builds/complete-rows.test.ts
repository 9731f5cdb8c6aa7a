/** The rows of a version are in a table by themselves until they are all there; then it is a partition like the others. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClientPool } from '../../../src/postgres/client-pool.ts'
import { completeRows } from '../../../src/projections/builds/complete-rows.ts'
import { execute } from '../../support/stored-periods.ts'
import { history } from './some-history.ts'
import { threadHere } from './thread-here.ts'
import { openWorkshop, rowsOf, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.write(history(80))
  await shop.project()
})
afterEach(() => shop.close())

const rebuilt = async (rangeEvents = 7) => {
  shop.build('submissions', { rangeEvents })
  await shop.comes('submissions', 'ready')
  return await rowsOf(shop.url, 'submissions', 2)
}

const begin = () => shop.operations.rebuild('submissions', { by: 'test', promote: false })

/** What there is of a version's table: its indexes, which of them hold as the whole table's, and its settings. */
async function shapeOf(version: number) {
  const [shape] = await execute(
    shop.url,
    `select c.relispartition, c.reloptions, c.reltuples >= 0 as analysed,
            (select array_agg(regexp_replace(pg_get_indexdef(i.indexrelid), '_rows_\\d+', '_rows_N', 'g') || ' ' ||
                              i.indisprimary || ' of ' || coalesce(h.inhparent::regclass::text, 'nothing') order by 1)
               from pg_index i left join pg_inherits h on h.inhrelid = i.indexrelid
              where i.indrelid = c.oid) as indexes,
            (select array_agg(pg_get_constraintdef(k.oid) order by 1) from pg_constraint k
              where k.conrelid = c.oid and k.contype = 'c') as checks
       from pg_class c where c.oid = 'submission_rows_${version}'::regclass`,
  )
  return shape
}

it('given it is ready, then it has the same indexes, checks and settings as the first', async () => {
  await begin()
  expect(await shapeOf(2)).toMatchObject({ relispartition: false, indexes: null })
  expect(await rebuilt()).toEqual(await rowsOf(shop.url, 'submissions', 1))
  const first = (await shapeOf(1)) as { readonly indexes: readonly string[] }
  expect(first.indexes).toHaveLength(3)
  expect(await shapeOf(2)).toEqual({ ...first, analysed: true })
})

it('given a program from before has begun it, with all its indexes, then it goes on from there', async () => {
  await begin()
  await execute(
    shop.url,
    'drop table submission_rows_2',
    'create table submission_rows_2 partition of submission_rows for values in (2) with (fillfactor = 90)',
  )
  expect(await rebuilt()).toEqual(await rowsOf(shop.url, 'submissions', 1))
})

it('given it was left with some of its indexes, then it gets the others', async () => {
  await begin()
  await execute(
    shop.url,
    'alter table submission_rows_2 add primary key (submission, from_position, version)',
    'create index submission_rows_2_pseudonym_idx on submission_rows_2 (pseudonym)',
  )
  expect(await rebuilt()).toEqual(await rowsOf(shop.url, 'submissions', 1))
  expect(await shapeOf(2)).toEqual({ ...((await shapeOf(1)) as object), analysed: true })
})

/** All its ranges, and nothing more. */
async function fill(rangeEvents: number): Promise<void> {
  const { url, log } = shop
  const [thread, head] = [threadHere(url, log), Number(await log.head())]
  const options = { deadlineMs: 60_000 }
  try {
    for (let after = 0; after < head; after += rangeEvents) {
      const range = { after: BigInt(after), upTo: BigInt(Math.min(after + rangeEvents, head)) }
      await thread.ask('prepare', { projection: 'submissions', version: 2, ...range }, options)
      await thread.ask('commit', undefined, options)
    }
  } finally {
    await thread.close()
  }
}

const waiting = async (): Promise<number> => {
  const [row] = await execute(shop.url, 'select count(*)::int as waiting from submission_row_changes')
  return (row as { readonly waiting: number }).waiting
}

it('given it ends between any two transactions, then it goes on from there', async () => {
  await begin()
  await fill(7)
  const left = [await waiting()]
  const attempt = async (transactions: number) => {
    let left = transactions
    const lend: ClientPool['lend'] = async (work, options) => {
      if (left-- === 0) throw new Error('killed')
      return await shop.rowsPool.lend(work, options)
    }
    const completion = { version: 2, maxEvents: 4, signal: new AbortController().signal }
    await completeRows({ log: shop.log, pool: { lend } as ClientPool }, completion)
  }
  const isKilled = (transactions: number) =>
    attempt(transactions).then(
      () => false,
      ({ message }: Error) => message === 'killed',
    )
  // The fourth is the first that applies some of the changes.
  for (const transactions of [0, 1, 2, 3]) expect(await isKilled(transactions)).toBe(true)
  // Two open the polls: these stay to the end.
  while (left.at(-1)! > 2) {
    expect(await isKilled(4)).toBe(true)
    left.push(await waiting())
    expect(left.at(-1)).toBeLessThan(left.at(-2)!)
  }
  expect(left.length).toBeGreaterThan(3)
  await attempt(Number.POSITIVE_INFINITY)
  expect(await rowsOf(shop.url, 'submissions', 2)).toEqual(await rowsOf(shop.url, 'submissions', 1))
})
