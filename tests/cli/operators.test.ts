/** What operators do on the command line, without a running service. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { runHere } from './command-line.ts'

let cli: CliDatabase
let log: PostgresEventLog
beforeAll(async () => {
  cli = await createCliDatabase()
  log = new PostgresEventLog({ databaseUrl: cli.url })
  const votes = pbWith('v1;A;100', 'v2;A,C;50,50', 'v3;C;100', 'v4;C;100')
  expect((await run('import', await cli.write('p.pb', votes), '--poll', 'p')).code).toBe(0)
})
afterAll(async () => {
  await log?.close()
  await cli?.drop()
})

const run = (...args: readonly string[]) => runHere(args, cli.environment)
const submissions = async () => JSON.parse((await run('results', 'p', '--json')).stdout).submissions

/** Takes back what nobody gave. @returns its position */
async function park(): Promise<string> {
  const times = { submittedAt: '2026-01-01T00:00:00.000Z', occurredAt: '2026-01-01T00:00:00.000Z' }
  const data = { poll: 'p', ...times, replaces: { green: 3300, sport: 6700 } }
  const event = { id: randomUUID(), type: 'AllocationWithdrawn', schemaVersion: 1, data }
  return String((await log.append(`submission-${randomUUID()}`, [event], NO_STREAM)).position)
}

describe('taxbudget submissions', () => {
  test('given a filter, when rehearsed, then the effect is shown, and nothing is done', async () => {
    const { code, stdout, stderr } = await run(
      ...['submissions', 'exclude', '--poll', 'p', '--repeated', '1', '--within', '10'],
      ...['--reason', 'duplicate', '--dry-run'],
    )
    expect(code).toBe(0)
    expect(stderr).toContain('2 submissions found, 2 would be excluded.')
    expect(stdout).toMatch(/counted 4 → 2 · excluded 0 → 2\n\npercent +mean +median +truthful\n/)
    expect(stdout).toMatch(/sport +62\.50 → 25\.00/)
    expect(await submissions()).toEqual({ counted: 4, excluded: 0, withdrawn: 0 })
  })

  test('given nobody to ask, when there is no --yes, then nothing is done and the exit code is 2', async () => {
    const exclude = ['submissions', 'exclude', '--poll', 'p', '--via', 'import', '--reason', 'test']
    expect(await run(...exclude)).toMatchObject({ code: 2 })
    expect(await submissions()).toEqual({ counted: 4, excluded: 0, withdrawn: 0 })
  })

  test('given --yes, when excluded, again, and reinstated, then it is once, signed, and as before', async () => {
    const act = (name: string, ...more: readonly string[]) =>
      run('submissions', name, '--poll', 'p', '--via', 'import', '--yes', '--json', ...more)
    const excluded = await act('exclude', '--reason', 'coordinated', '--by', 'anna')
    expect(excluded.code).toBe(0)
    expect(JSON.parse(excluded.stdout)).toMatchObject({ found: 4, changed: 4, after: { excluded: 4 } })
    expect(await submissions()).toEqual({ counted: 0, excluded: 4, withdrawn: 0 })
    const again = JSON.parse((await act('exclude', '--reason', 'test')).stdout)
    expect(again).toMatchObject({ changed: 0, already: 4 })
    const one = JSON.parse(excluded.stdout).examples[0]
    expect(
      (await run('submissions', 'exclude', one, '--poll', 'p', '--reason', 'test', '--yes')).stderr,
    ).toBe(
      '1 submission found, 0 would be excluded (1 was so already).\n' +
        'Nothing has changed: of 1 submission none is newly excluded; 1 was so already.\n',
    )
    expect((await log.readStream(`submission-${one}`)).at(-1)?.data).toMatchObject({
      ...{ reason: 'coordinated', by: 'anna' },
    })
    const byId = await run('submissions', 'reinstate', one, '--poll', 'p', '--yes', '--json')
    expect(JSON.parse(byId.stdout)).toMatchObject({ found: 1, changed: 1 })
    expect((await log.readStream(`submission-${one}`)).at(-1)?.data).toMatchObject({ by: 'cli' })
    expect(JSON.parse((await act('reinstate')).stdout)).toMatchObject({ changed: 3, already: 1 })
    expect(await submissions()).toEqual({ counted: 4, excluded: 0, withdrawn: 0 })
  })

  test('given Ctrl-C half-way, when asked for again, then the rest is done', async () => {
    const stop = new AbortController()
    const exclude = ['submissions', 'exclude', '--poll', 'p', '--via', 'import', '--reason', 'test', '--yes']
    const stopped = await runHere(exclude, cli.environment, {
      signal: stop.signal,
      openServices: async (config, onWaiting) => {
        const { openServices } = await import('../../src/cli/services.ts')
        const services = await openServices(config, onWaiting)
        const readStream = services.commands.log.readStream.bind(services.commands.log)
        services.commands.log.readStream = async (stream) => {
          if (stream.startsWith('submission-')) stop.abort()
          return await readStream(stream)
        }
        return services
      },
    })
    expect(stopped.code).toBe(1)
    expect((await run(...exclude)).code).toBe(0)
    expect(await submissions()).toEqual({ counted: 0, excluded: 4, withdrawn: 0 })
    const reinstate = ['submissions', 'reinstate', '--poll', 'p', '--via', 'import', '--yes']
    expect((await run(...reinstate)).code).toBe(0)
  })

  test.each([
    [['--poll', 'p', '--reason', 'test'], /Say which/],
    [['--poll', 'p', '--reason', 'rude', '--via', 'api'], /--reason must be one of duplicate, /],
    [['--poll', 'p', '--reason', 'test', '--via', 'mail'], /Invalid option/],
    [['--poll', 'p', '--reason', 'test', '--repeated', '3'], /belong together/],
    [['--poll', 'p', '--reason', 'test', '--via', 'api', '--by', 'Anna B.'], /--by must be/],
    [['--poll', 'p', '--reason', 'test', 'not-an-id'], /ids/],
    [['--reason', 'test', '--via', 'api'], /--poll SLUG is missing/],
  ])('given %j, when run, then it is wrong use', async (args, message) => {
    const ran = await run('submissions', 'exclude', ...args)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })
})

describe('taxbudget parked', () => {
  test('given nothing is parked, then it says so', async () => {
    expect(await run('parked', 'list')).toMatchObject({ code: 0, stderr: 'Nothing is parked.\n' })
    expect(await run('parked', 'retry', '--yes')).toMatchObject({ code: 0 })
  })

  test('given one, when listed, retried and skipped, then each says what came of it', async () => {
    const position = await park()
    const listed = JSON.parse((await run('parked', 'list', '--json')).stdout)
    expect(listed).toMatchObject([{ position, poll: 'p', type: 'AllocationWithdrawn' }])
    expect((await run('parked', 'list')).stdout).toMatch(/position +poll +event +since +error\n/)
    expect((await run('parked', 'retry', '--dry-run')).stderr).toBe('Would try 1 event again.\n')
    expect((await run('parked', 'retry')).code).toBe(2)
    const retried = await run('parked', 'retry', position, '--yes', '--json')
    expect(retried.code).toBe(1)
    expect(JSON.parse(retried.stdout)).toMatchObject({ applied: [], parked: [{ position }] })
    const skip = ['parked', 'skip', position, '--reason', 'damaged']
    expect((await run(...skip, '--dry-run')).stderr).toMatch(/^Would leave out the AllocationWithdrawn/)
    expect((await run(...skip, '--yes', '--by', 'anna')).code).toBe(0)
    expect(JSON.parse((await run('parked', 'list', '--json')).stdout)).toEqual([])
    expect(await run(...skip, '--yes')).toMatchObject({ code: 2 })
    const { stdout } = await run('results', 'p', '--json')
    expect(JSON.parse(stdout).parked).toBe(0)
    expect((await run('projections', 'verify')).code).toBe(0)
  })

  test.each([
    [['skip', 'x', '--reason', 'test'], /POSITION must be a number/],
    [['skip', '1'], /--reason .* is missing/],
    [['skip', '1', '--reason', 'boring'], /--reason must be one of damaged, /],
    [['retry', '1', '2'], /Not parked: 1, 2/],
  ])('given %j, when run, then it is wrong use', async (args, message) => {
    const ran = await run('parked', ...args)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(message)
  })
})

describe('taxbudget polls', () => {
  test('given --by, when closed and reopened, then both are signed', async () => {
    expect((await run('polls', 'close', 'p', '--yes', '--by', 'anna')).code).toBe(0)
    expect((await run('polls', 'reopen', 'p')).code).toBe(0)
    const acts = (await log.readStream('poll-p')).slice(-2)
    expect(acts.map(({ type, data }) => [type, (data as { by: string }).by])).toEqual([
      ['PollClosed', 'anna'],
      ['PollReopened', 'cli'],
    ])
  })
})
