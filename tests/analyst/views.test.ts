/** A real login reads what the documentation promises, sees nothing that leads to a person, and changes nothing. */
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultsView } from '../../src/queries/results-view.ts'
import type { TestService } from '../support/service.ts'
import { type AnalystLogin, analystLogin, documentation } from './login.ts'

let login: AnalystLogin
let service: TestService
let owner: pg.Client
let analyst: pg.Client

beforeAll(async () => {
  login = await analystLogin()
  ;({ service, owner, analyst } = login)
}, 60_000)
afterAll(() => login?.close())

const read = async (statement: string) => (await analyst.query(statement)).rows
const namesIn = async (statement: string): Promise<string[]> =>
  (await owner.query({ text: statement, rowMode: 'array' })).rows.flat()
const views = () => namesIn("select viewname from pg_views where schemaname = 'analyst' order by 1")

describe('what an analyst reads', () => {
  it('is every view, each with a comment on itself and on what needs one', async () => {
    expect(await views()).toEqual([
      ...['categories', 'periods', 'polls', 'results', 'shares', 'submissions'],
      ...['trends_day', 'trends_hour', 'trends_month', 'trends_week'],
    ])
    for (const view of await views()) {
      expect((await read(`select * from ${view}`)).length, view).toBeGreaterThan(0)
      const [comment] = await namesIn(`select obj_description('analyst.${view}'::regclass)`)
      expect(comment, view).toMatch(/\w/)
      expect(documentation).toContain(`\`analyst.${view}\``)
    }
  })

  it('are the published results, to the last digit', async () => {
    for (const poll of ['one', 'two']) {
      const published = resultsView(await service.services.results.results(poll, { tier: 'projection' }))
      expect(published.submissions.counted).toBeGreaterThan(3)
      const [row] = await read(
        `select counted::int, excluded::int, withdrawn::int, as_of, position from polls where poll = '${poll}'`,
      )
      expect(row).toEqual({
        ...published.submissions,
        as_of: new Date(published.asOf),
        position: published.position,
      })
      const rows = await read(`
        select category as id, label, sum::int, mean, median, p10, p25, p75, p90, stddev, zeros::int
          from results where poll = '${poll}' order by ordinal`)
      expect(rows).toEqual(
        published.categories.map(({ histogram, truthful, disagreement, ...shown }) => shown),
      )
    }
  })

  it('are the submissions, whose shares add up to the results', async () => {
    const added = await read(`
      select poll, category, label, ordinal, count(*) as counted, sum(basis_points) as sum
        from shares group by poll, category, label, ordinal order by poll, ordinal`)
    const results = await read(
      'select poll, category, label, ordinal, counted, sum from results where counted > 0 order by poll, ordinal',
    )
    expect(added).toEqual(results)
    expect(
      await read('select poll, count(*) as counted from submissions group by poll order by poll'),
    ).toEqual(await read('select poll, counted from polls where counted > 0 order by poll'))
  })

  it('holds no submission’s id, no receipt’s hash and no event’s id', async () => {
    const secrets = await namesIn(`
      select distinct secret from events
       cross join lateral (values (replace(stream, 'submission-', '')), (id::text), (data ->> 'receiptHash')) as s (secret)
       where secret is not null and stream like 'submission-%'`)
    expect(secrets.length).toBeGreaterThan(100)
    for (const view of await views()) {
      const [{ all }] = await read(`select string_agg(v::text, ' ') as all from ${view} v`)
      const plain = String(all).replaceAll('-', '')
      expect(secrets.filter((secret) => plain.includes(secret.replaceAll('-', '')))).toEqual([])
    }
  })

  it('is none of what was revised, withdrawn or excluded, and no function gets to look over the shoulder', async () => {
    const standing = await namesIn(
      'select from_position from submission_rows where to_position is null order by 1',
    )
    const ended = await namesIn('select from_position from submission_rows where to_position is not null')
    expect(Math.min(standing.length, ended.length)).toBeGreaterThan(5)
    expect(
      (await read('select position from submissions order by 1')).map(({ position }) => position),
    ).toEqual(standing)
    const barriers = await namesIn(`
      select relname from pg_class where relnamespace = 'analyst'::regnamespace and 'security_barrier=true' = any(reloptions)
       order by 1`)
    expect(barriers).toEqual(['shares', 'submissions'])
  })
})

describe('what an analyst may not', () => {
  const refused = /^(permission denied|cannot execute|must be owner)/
  beforeAll(() => analyst.query('set search_path = analyst, public'))

  it('is reading a table', async () => {
    const tables = await namesIn("select tablename from pg_tables where schemaname = 'public' order by 1")
    expect(tables).toEqual(
      expect.arrayContaining(['events', 'submission_rows', 'submission_rows_1', 'parked_events']),
    )
    for (const table of tables)
      await expect(read(`select * from public.${table}`), table).rejects.toThrow('permission denied')
  })

  it.each([
    "insert into analyst.submissions (poll) values ('x')",
    'delete from analyst.submissions',
    "update analyst.submissions set poll = 'x'",
    'drop view analyst.polls',
    'create table public.mine (x integer)',
    'create table analyst.mine (x integer)',
    "select public.append_events('s', '-1', '0', '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01', 'T', '1', '{}', '')",
    'set role postgres',
  ])('is this, neither as a login begins nor with its settings changed: %s', async (statement) => {
    const attempt = statement.replace('postgres', owner.user!)
    await expect(read(attempt)).rejects.toThrow(refused)
    await analyst.query('set default_transaction_read_only = off')
    await expect(read(attempt)).rejects.toThrow(refused)
    await analyst.query('reset default_transaction_read_only')
  })

  it('is asking for ever: a login only reads, and gives up after a minute', async () => {
    expect(await read('show default_transaction_read_only')).toEqual([
      { default_transaction_read_only: 'on' },
    ])
    expect(await read('show statement_timeout')).toEqual([{ statement_timeout: '1min' }])
  })
})
