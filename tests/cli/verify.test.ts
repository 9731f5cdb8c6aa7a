import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'

let cli: CliDatabase

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

  test('given numbers that contradict each other, when verified, then that is told', async () => {
    await tamper(`update category_aggregates set sum = sum + 1 where poll = 'p' and category = 'green'`)
    const { code, stderr } = await cli.run('projections', 'verify')
    expect(code).toBe(1)
    expect(stderr).toMatch(/contradicts itself: p at \d+: green sums to 10000, not 10001/)
  })

  test('given no such poll, when verified, then it says so', async () => {
    await tamper(`update category_aggregates set sum = sum - 1 where poll = 'p' and category = 'green'`)
    expect((await cli.run('projections', 'verify', 'none')).stderr).toBe('There is no poll called none.\n')
  })
})

async function tamper(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client(cli.url)
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}
