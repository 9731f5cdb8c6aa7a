/** The rows of a version are in a table by themselves until they are all there; then it is a partition like the others. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { execute } from '../../support/stored-periods.ts'
import { history } from './some-history.ts'
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
