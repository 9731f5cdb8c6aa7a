import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { PollStates } from '../../src/projections/poll-states/poll-states.ts'
import { foldSegment } from '../../src/projections/poll-states/segment.ts'
import { execute } from '../support/stored-periods.ts'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'

let cli: CliDatabase

/** Each run of the command line takes a second or more, milliseconds. */
const PATIENCE = 120_000

beforeAll(async () => {
  cli = await createCliDatabase()
  await cli.run(
    'import',
    await cli.write('p.pb', pbWith('v1;A;100', 'v2;A,C;50,50', 'v3;C;100')),
    '--poll',
    'p',
  )
  await cli.run('polls', 'open', 'polls/us-federal.json')
})
afterAll(() => cli?.drop())

describe('taxbudget projections verify', () => {
  test('given what the log gives, when verified, then it is right', async () => {
    const { code, stdout } = await cli.run('projections', 'verify')
    expect({ code, stdout: stdout.trim().split('\n')[0] }).toEqual({
      code: 0,
      stdout: 'p: 3 counted, the same as a replay',
    })
  })

  test('given a month that is detached, when verified, then that is said', {
    timeout: PATIENCE,
  }, async () => {
    const first = 'select start, partition from period_partitions order by start limit 1'
    const [month] = (await tamper(first)) as { start: Date; partition: string }[]
    const { start, partition } = month!
    await tamper(`alter table period_aggregates detach partition ${partition}`)
    const { code, stderr } = await cli.run('projections', 'verify')
    const end = new Date(start)
    end.setUTCMonth(start.getUTCMonth() + 1)
    const bounds = `from ('${start.toISOString()}') to ('${end.toISOString()}')`
    await tamper(`alter table period_aggregates attach partition ${partition} for values ${bounds}`)
    expect(code).toBe(0)
    expect(stderr).toContain('0 periods of a quarter of an hour')
    expect(stderr).toContain('Periods of 1 month were not compared: its partition is detached.')
  })

  test('given periods that somebody moved, then kind, period, category and value are told', {
    timeout: PATIENCE,
  }, async () => {
    await tamper(
      'create table kept as select * from period_aggregates',
      `insert into period_aggregates
       select version, poll, start, 'change', position, counted, excluded, withdrawn, array_replace(sums, 15000, 15001),
              sum_squares, replace(histograms::text, '[5000,1]', '[4999,1]')::json from period_aggregates`,
      `update period_aggregates set kind = 'cast', counted = 4 where kind = 'both'`,
    )
    const moved = await cli.run('projections', 'verify', '--json')
    await tamper('delete from period_aggregates')
    const emptied = await cli.run('projections', 'verify')
    await tamper('insert into period_aggregates select * from kept', 'drop table kept')
    expect([moved.code, emptied.code]).toEqual([1, 1])
    const { right, polls } = JSON.parse(moved.stdout)
    expect(right).toBe(false)
    expect(polls.map(({ poll }: { poll: string }) => poll)).toEqual(['p', 'us-federal'])
    expect(polls[1].differences).toEqual([])
    const told = polls[0].differences.map(({ what, ...values }: { what: string }) => ({
      what: what.replace(/\d{4}-\d\d-\d\dT\d\d:(00|15|30|45):00\.000Z/, 'THEN'),
      ...values,
    }))
    expect(told).toContainEqual({ what: 'cast THEN counted', expected: '3', actual: '4' })
    expect(told).toContainEqual({ what: 'change THEN green: sum', expected: '15000', actual: '15001' })
    expect(told).toContainEqual({ what: 'change THEN green: 5000 given by', expected: '1', actual: '0' })
    expect(told).toContainEqual({ what: 'change THEN green: 4999 given by', expected: '0', actual: '1' })
    expect(emptied.stdout).toMatch(/cast \S+ the period +there +missing/)
  })

  test('given stored states of the past that somebody changed, then they are told, each at its position', {
    timeout: PATIENCE,
  }, async () => {
    await keepStates()
    const right = await cli.run('projections', 'verify')
    await tamper(
      `update poll_states set state = jsonb_set(state::jsonb, '{excluded}', '777')::json where poll = 'p' and position = 2`,
      `update poll_states set effect = jsonb_set(effect::jsonb, '{withdrawn}', '5')::json where poll = 'p' and position = 3`,
      `update poll_states set state = '{}' where poll = 'p' and position = 4`,
    )
    const wrong = await cli.run('projections', 'verify', '--json')
    await tamper('delete from poll_states', 'delete from poll_state_boundaries')
    expect(right.code).toBe(0)
    expect(right.stderr).toContain('4 stored states of the past')
    expect(wrong.code).toBe(1)
    const [p] = JSON.parse(wrong.stdout).polls
    expect(p.differences).toEqual([
      { what: 'stored state at position 2: excluded', expected: '0', actual: '777' },
      { what: 'stored effect at position 3: withdrawn', expected: '0', actual: '5' },
      { what: 'stored state at position 4: the poll', expected: 'can be used', actual: expect.any(String) },
    ])
  })

  test('given a histogram that somebody moved, when verified, then it is told with the expected beside', async () => {
    const moved = `update category_aggregates set histogram = '[[0,1],[4000,1],[6000,1]]', sum = 10000, sum_squares = 52000000
                    where poll = 'p' and category = 'green'`
    const other = `update category_aggregates set histogram = '[[4000,1],[6000,1],[10000,1]]', sum = 20000, sum_squares = 152000000
                    where poll = 'p' and category = 'sport'`
    await tamper(moved, other)
    const { code, stdout } = await cli.run('projections', 'verify', 'p')
    expect(code).toBe(1)
    expect(stdout).toMatch(/green: sum +15000 +10000/)
    expect(stdout).toMatch(/green: 5000 given by +1 +0/)
    expect(JSON.parse((await cli.run('projections', 'verify', 'p', '--json')).stdout)).toMatchObject({
      right: false,
    })
    expect((await cli.run('projections', 'verify', 'us-federal')).code).toBe(0)
  })

  test('given rows whose sums are right and which are wrong one by one, then each of them is told', {
    timeout: PATIENCE,
  }, async () => {
    const rows = "submission_rows where poll = 'p'"
    await tamper(`create table kept_rows as select * from ${rows}`)
    await tamper(
      `update submission_rows set pseudonym = '00000000-0000-0000-0000-000000000000' where poll = 'p' and from_position = 2`,
      `update submission_rows set submitted_at = submitted_at - interval '1 ms' where poll = 'p' and from_position = 3`,
    )
    const one = await cli.run('projections', 'verify', 'p', '--json')
    await tamper(`delete from ${rows}`, 'insert into submission_rows select * from kept_rows')
    await tamper(
      `update submission_rows r set shares = k.shares from kept_rows k
        where (r.from_position, k.from_position) in ((2, 4), (4, 2)) and r.poll = 'p'`,
    )
    const swapped = await cli.run('projections', 'verify', 'p', '--json')
    await tamper(
      `delete from ${rows}`,
      'insert into submission_rows select * from kept_rows',
      'drop table kept_rows',
    )
    const healed = await cli.run('projections', 'verify', 'p', '--json')
    // What another test has changed is no row's.
    const whats = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout).polls[0].differences as { what: string }[])
        .map(({ what }) => what.replace(/[0-9a-f-]{36}/, 'ID'))
        .filter((what) => what.startsWith('row of'))
    const row = (position: number) => `row of submission ID from position ${position}`
    expect([one.code, swapped.code]).toEqual([1, 1])
    expect(whats(one).sort()).toEqual([row(2), row(3)])
    expect(whats(swapped).sort()).toEqual([row(2), row(4)])
    expect(one.stdout).toContain('00000000-0000-0000-0000-000000000000')
    expect(whats(healed)).toEqual([])
  })

  test('given rows of submissions that somebody changed, when verified, then they are told beside the replay', async () => {
    await tamper(`update submission_rows set shares = '{0,10000,0}' where poll = 'p' and shares[1] = 5000`)
    const { code, stdout } = await cli.run('projections', 'verify', 'p')
    expect(code).toBe(1)
    expect(stdout).toMatch(/submissions: green: sum +15000 +10000/)
    expect(stdout).toMatch(/submissions: green: 5000 given by +1 +0/)
    await tamper("delete from submission_rows where poll = 'p' and shares[1] = 10000")
    const verified = JSON.parse((await cli.run('projections', 'verify', 'p', '--json')).stdout)
    expect(verified.polls[0].differences).toContainEqual({
      what: 'submissions: counted',
      expected: '3',
      actual: '2',
    })
    expect((await cli.run('projections', 'verify', 'us-federal')).code).toBe(0)
  })

  test('given numbers that contradict each other, then that is a difference, and the other polls are compared', async () => {
    await tamper(
      `update category_aggregates set sum = sum + 1 where poll = 'p' and category = 'green'`,
      `update category_aggregates set histogram = '7' where poll = 'us-federal' and ordinal = 0`,
    )
    const { code, stdout } = await cli.run('projections', 'verify', '--json')
    await tamper(`update category_aggregates set histogram = '[]' where poll = 'us-federal'`)
    expect(code).toBe(1)
    const { right, polls } = JSON.parse(stdout)
    expect(right).toBe(false)
    expect(polls[0].differences).toContainEqual({
      what: 'the projection',
      expected: 'agrees with itself',
      actual: expect.stringMatching(/^p at \d+: green sums to 10000, not 10001$/),
    })
    expect(polls[0].differences).toContainEqual({ what: 'green: sum', expected: '15000', actual: '10001' })
    expect(polls[1]).toMatchObject({
      poll: 'us-federal',
      differences: [{ what: 'the projection', actual: expect.stringContaining('cannot be read') }],
    })
  })

  test('given no such poll, when verified, then it says so', async () => {
    await tamper(`update category_aggregates set sum = sum - 1 where poll = 'p' and category = 'green'`)
    expect((await cli.run('projections', 'verify', 'none')).stderr).toBe('There is no poll called none.\n')
  })
})

const tamper = (...statements: readonly string[]) => execute(cli.url, ...statements)

/** A state after each of the first four events, as their keeper makes them. */
async function keepStates(): Promise<void> {
  const pool = await openPool({ databaseUrl: cli.url, deadlineMs: 5000, size: 1 })
  const log = new PostgresEventLog({ databaseUrl: cli.url })
  const states = new PollStates(pool)
  for (const upTo of [1n, 2n, 3n, 4n]) {
    const range = { base: await states.polls(upTo - 1n), after: upTo - 1n, upTo }
    expect(await states.save((await foldSegment(log, range))!)).toBe(true)
  }
  await log.close()
  await pool.end()
}
