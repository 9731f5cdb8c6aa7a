import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestService } from '../support/service.ts'
import { execute } from '../support/stored-periods.ts'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { runCli, startCli } from './command-line.ts'

let cli: CliDatabase

beforeAll(async () => {
  cli = await createCliDatabase()
  await cli.run(
    'import',
    await cli.write('p.pb', pbWith('v1;A;100', 'v2;A,C;50,50', 'v3;C;100')),
    '--poll',
    'p',
  )
})
afterAll(() => cli?.drop())

describe('taxbudget polls', () => {
  test('given a poll file, when opened twice, then it is listed once', async () => {
    for (const _ of [1, 2]) expect((await cli.run('polls', 'open', 'polls/us-federal.json')).code).toBe(0)
    const { code, stdout } = await cli.run('polls', 'list', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).map(({ poll, status }: Record<string, string>) => [poll, status])).toEqual([
      ['p', 'open'],
      ['us-federal', 'open'],
    ])
    expect((await cli.run('polls', 'list')).stdout).toMatch(
      /^poll +status +categories +title\np +open +2 +A small/,
    )
  })

  test('given a label, when a poll is opened, then it is signed with it; else by the command line', async () => {
    const signed = async (poll: string, ...args: string[]) => {
      const definition = { ...JSON.parse(await readFile('polls/us-federal.json', 'utf8')), poll }
      const file = await cli.write(`${poll}.json`, JSON.stringify(definition))
      expect((await cli.run('polls', 'open', file, ...args)).code).toBe(0)
      const [opened] = await execute(
        cli.url,
        `select metadata ->> 'operator' as by from events where stream = 'poll-${poll}'`,
      )
      return opened!.by
    }
    expect(await signed('signed', '--by', 'ana')).toBe('ana')
    expect(await signed('unsigned')).toBe('cli')
    const wrong = await cli.run('polls', 'open', 'polls/us-federal.json', '--by', 'Ana B.')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--by must be') })
  })

  test('given poll files that are none, when opened, then every mistake is told', async () => {
    const bad = await cli.write(
      'bad.json',
      '{"poll":"Not A Slug","title":"T","step":3,"categories":[],"baselines":[]}',
    )
    const opened = await cli.run('polls', 'open', bad)
    expect(opened).toMatchObject({ code: 1, stdout: '' })
    expect(opened.stderr).toMatch(/poll: use lower-case[\s\S]*step: must divide 10 000[\s\S]*categories:/)
    const broken = await cli.run('polls', 'open', await cli.write('broken.json', '{'))
    expect(broken.stderr).toMatch(/broken.json is not JSON/)
  })

  test('given nobody to ask, when a poll is closed without --yes, then it stays open and the exit code is 2', async () => {
    expect((await cli.run('polls', 'close', 'p')).code).toBe(2)
    expect(await cli.run('polls', 'close', 'p', '--dry-run')).toMatchObject({
      code: 0,
      stderr: 'Would close p.\n',
    })
    expect(JSON.parse((await cli.run('polls', 'reopen', 'p', '--json')).stdout)).toEqual({
      poll: 'p',
      status: 'open',
    })
  })

  test('given --yes, when a poll is closed and reopened, then it is', async () => {
    const close = await cli.run('polls', 'close', 'p', '--yes', '--json')
    expect({ ...close, stdout: JSON.parse(close.stdout) }).toEqual({
      code: 0,
      stdout: { poll: 'p', status: 'closed' },
      stderr: 'Closed p.\n',
    })
    expect((await cli.run('polls', 'reopen', 'p', '--yes')).stderr).toBe('Reopened p.\n')
  })

  test('given no such poll, when closed, then it says so', async () => {
    expect(await cli.run('polls', 'close', 'none', '--yes')).toMatchObject({
      code: 1,
      stderr: 'There is no poll called none.\n',
    })
  })
})

describe('taxbudget results', () => {
  test.each(['snapshot', 'projection', 'replay'])(
    'given three ballots, when asked from the %s, then they are there',
    async (tier) => {
      const { code, stdout } = await cli.run('results', 'p', '--tier', tier, '--json')
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        poll: 'p',
        tier,
        submissions: { counted: 3, excluded: 0, withdrawn: 0 },
        categories: [
          { id: 'green', sum: 15_000, median: 5000 },
          { id: 'sport', sum: 15_000, median: 5000 },
        ],
      })
    },
  )

  test('given a table is asked, when shown, then it is for people', async () => {
    expect((await cli.run('results', 'p')).stdout).toMatch(
      /^A small budget\n3 counted .*an open poll, not a sample\n\npercent +mean +truthful.*\ngreen +50.0 +/,
    )
  })

  test('given CSV is asked, when printed, then it is one line for each category', async () => {
    const { stdout } = await cli.run('results', 'p', '--csv')
    expect(stdout.split(/\r?\n/).map((line) => line.split(',').slice(0, 5))).toEqual([
      ['id', 'label', 'sum', 'mean', 'median'],
      ['green', 'green', '15000', '5000', '5000'],
      ['sport', 'sport', '15000', '5000', '5000'],
      [''],
    ])
  })

  test('given a position, when asked, then it is the past; beyond the log it is refused', async () => {
    const { stdout } = await cli.run('results', 'p', '--position', '2', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ tier: 'replay', position: '2', submissions: { counted: 1 } })
    expect((await cli.run('results', 'p', '--position', '999999')).code).toBe(1)
  })
})

describe('taxbudget simulate', () => {
  test('given a seed, when simulated twice straight into the log, then it counts once', async () => {
    const simulate = ['simulate', 'us-federal', '--submissions', '200', '--seed', 's', '--direct', '--json']
    for (const _ of [1, 2]) {
      const { code, stdout } = await cli.run(...simulate)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ poll: 'us-federal', seed: 's', submitted: 200 })
    }
    const { stdout } = await cli.run('results', 'us-federal', '--json')
    expect(JSON.parse(stdout).submissions.counted).toBe(200)
  })

  test('given a running service, when simulated through it, then it tells rate and latencies', async () => {
    const service = await startTestService()
    try {
      const environment = { DATABASE_URL: service.config.databaseUrl!, DATA_DIR: service.config.dataDir }
      const args = [
        'simulate',
        'us-federal',
        '--submissions',
        '100',
        '--rate',
        '500',
        '--url',
        service.url,
        '--json',
      ]
      const { code, stdout, stderr } = await runCli(args, environment)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const { submitted, p50, p99 } = JSON.parse(stdout)
      expect(submitted).toBe(100)
      expect(p99).toBeGreaterThanOrEqual(p50)
      const beside = await runCli(['results', 'us-federal', '--json'], environment)
      expect(JSON.parse(beside.stdout).submissions.counted).toBe(100)
    } finally {
      await service.close()
    }
  })

  test('given no service, when simulated, then it says what to do', async () => {
    const { code, stderr } = await cli.run(
      'simulate',
      'p',
      '--submissions',
      '5',
      '--url',
      'http://127.0.0.1:1',
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/Nothing answers at http:\/\/127.0.0.1:1. Start it \(npm start\)/)
  })
})

test('given an up-to-date schema, when migrated, then nothing is applied', async () => {
  expect(await cli.run('migrate', '--json')).toEqual({ code: 0, stdout: '{"applied":[]}\n', stderr: '' })
})

test('given PostgreSQL is not there yet, then it is waited for, and stderr says so', async () => {
  const child = startCli(['migrate'], { DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/taxbudget' })
  const [words] = await once(child.stderr, 'data')
  child.kill('SIGKILL')
  expect(String(words)).toBe(
    'DATABASE_URL: waiting up to 10 s for PostgreSQL on 127.0.0.1:1 (ECONNREFUSED).\n',
  )
})
