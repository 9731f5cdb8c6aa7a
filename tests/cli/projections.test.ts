/** `taxbudget projections …` without a running service: the command line does the work itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { eventually } from '../support/eventually.ts'
import { execute } from '../support/stored-periods.ts'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { endOf, type Ran, runHere, startCli } from './command-line.ts'

let cli: CliDatabase
const run = (...args: readonly string[]): Promise<Ran> => runHere(['projections', ...args], cli.environment)

beforeAll(async () => {
  cli = await createCliDatabase()
  const file = await cli.write('p.pb', pbWith('v1;A;100', 'v2;A,C;50,50', 'v3;C;100'))
  await runHere(['import', file, '--poll', 'p'], cli.environment)
})
afterAll(() => cli?.drop())

interface Version {
  readonly projection: string
  readonly version: number
  readonly status: string
  readonly position: string
  readonly lag: string
  readonly build?: { readonly state: string }
}

async function versions(): Promise<Version[]> {
  const { code, stdout } = await run('status', '--json')
  expect(code).toBe(0)
  return JSON.parse(stdout).versions
}

const statusOf = async (name: string) =>
  (await versions())
    .filter(({ projection }) => projection === name)
    .map(({ version, status, build }) => [version, build?.state ?? status])

describe('taxbudget projections', { timeout: 60_000 }, () => {
  test('given no build, then there is nothing to pause, and nothing to go back to', async () => {
    expect(await run('pause')).toMatchObject({ code: 0, stderr: 'Nothing is being built.\n' })
    expect(await run('pause', '--projection', 'submissions')).toMatchObject({ code: 1 })
    const unknown = await run('rebuild', '--projection', 'none')
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/^There is no projection called none/),
    ])
    for (const mode of ['--yes', '--dry-run'])
      expect(await run('rollback', mode)).toMatchObject({
        code: 1,
        stderr: 'There is no earlier version of category-aggregate to go back to.\n',
      })
    expect(await run('promote', '--yes')).toMatchObject({ code: 1, stderr: 'Nothing is being built.\n' })
    expect(await run('rebuild', '--by', 'Me!')).toMatchObject({ code: 2 })
    expect((await run('rebuild', '--dry-run')).stderr).toContain(
      'Would build the next version of submissions from 4 events.',
    )
    expect(await statusOf('submissions')).toEqual([[1, 'live']])
  })

  test('given a detached rebuild, then it waits, and resume does the work', async () => {
    expect(
      await run('rebuild', '--projection', 'category-aggregate', '--detach', '--by', 'anna'),
    ).toMatchObject({ code: 0 })
    expect(await statusOf('category-aggregate')).toEqual([
      [2, 'waiting'],
      [1, 'live'],
    ])
    expect((await run('status')).stdout).toMatch(/category-aggregate +2 +1 +waiting .* anna/)
    const resumed = await run('resume')
    expect(resumed.stderr).toContain(
      'Version 2 of category-aggregate is ready: it is the same as a replay at position 4.',
    )
    expect(resumed.code).toBe(0)
    const again = await run('rebuild', '--projection', 'category-aggregate')
    expect(again.stderr).toMatch(
      /Version 2 of category-aggregate is being built, since .* begun by anna: it is ready/,
    )
    expect(again.stderr).toContain('To make it the live one: taxbudget projections promote')
  })

  test('given a version that is ready, then it is promoted by whoever says yes', async () => {
    await runHere(['import', await cli.write('more.pb', pbWith('v4;A;100')), '--poll', 'p'], cli.environment)
    expect(await run('promote')).toMatchObject({ code: 2 })
    expect((await run('promote', '--dry-run')).stderr).toMatch(
      /^Would make version 2 of category-aggregate \(ready at position \d\)/,
    )
    const promoted = await run('promote', '--yes', '--by', 'anna')
    expect(promoted).toMatchObject({ code: 0 })
    expect(promoted.stderr).toContain('Version 2 of category-aggregate is the live one now.')
    const [live, before] = (await versions()).filter(({ projection }) => projection === 'category-aggregate')
    expect([live!.status, live!.lag, before!.status]).toEqual(['live', '0', 'retired'])
    expect(await run('promote', '--projection', 'category-aggregate', '--yes')).toMatchObject({ code: 1 })
    expect(await run('verify')).toMatchObject({ code: 0 })
  })

  test('given both were rebuilt, then one goes back, and what is left is taken away', async () => {
    expect((await run('rebuild', '--projection', 'submissions', '--promote')).stderr).toContain(
      'Version 2 of submissions is the live one now.',
    )
    expect(await run('rollback', '--yes')).toMatchObject({ code: 2 })
    expect((await run('rollback', '--projection', 'submissions', '--dry-run')).stderr).toContain(
      'Would go back from version 2 of submissions to version 1.',
    )
    expect(await run('rollback', '--projection', 'submissions', '--yes')).toMatchObject({ code: 0 })
    expect(await statusOf('submissions')).toEqual([
      [2, 'retired'],
      [1, 'live'],
    ])
    expect((await run('prune', '--dry-run')).stderr).toContain('Would take away version 2 of submissions.')
    expect(await run('prune', '--yes')).toMatchObject({ code: 0 })
    expect(await statusOf('submissions')).toEqual([[1, 'live']])
    expect(await execute(cli.url, 'select from submission_rows where version = 2')).toEqual([])
    expect(await execute(cli.url, 'select from projections where status <> $$live$$')).toEqual([])
    expect(await run('verify')).toMatchObject({ code: 0 })
  })

  test('given a build that is given up, then nothing of it is left', async () => {
    await run('rebuild', '--projection', 'submissions', '--detach')
    expect((await run('cancel', '--yes')).stderr).toContain('Given up: version 3 of submissions.')
    expect(await statusOf('submissions')).toEqual([[1, 'live']])
  })

  test('given Ctrl-C, then a rebuild says how to go on, and goes on from there', async () => {
    const release = await keepBuildersOut()
    const rebuild = startCli(
      ['projections', 'rebuild', '--projection', 'category-aggregate'],
      cli.environment,
    )
    const ended = endOf(rebuild)
    // When no service has for some seconds, it wants to work itself.
    await eventually(async () => expect(await execute(cli.url, WHO_WAITS)).toHaveLength(2), 20_000)
    rebuild.kill('SIGINT')
    expect(await ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /\nStopping…\nWhat is done is kept\. To go on here: taxbudget projections resume --projection category-aggregate\n$/,
      ),
    })
    await release()
    const resumed = await run('resume', '--projection', 'category-aggregate')
    expect(resumed.code).toBe(0)
    expect(resumed.stderr).toMatch(/is ready: it is the same as a replay/)
    expect(await run('promote', '--projection', 'category-aggregate', '--yes')).toMatchObject({ code: 0 })
  })

  test('given Ctrl-C, then prune does not say that anything is taken away, and the next one does the rest', async () => {
    const release = await keepBuildersOut()
    const prune = startCli(
      ['projections', 'prune', '--projection', 'category-aggregate', '--yes'],
      cli.environment,
    )
    const ended = endOf(prune)
    await eventually(async () =>
      expect(await execute(cli.url, 'select from projections where status = $$discarded$$')).not.toEqual([]),
    )
    prune.kill('SIGINT')
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^\nStopping…\nWhat is left is taken away by a process with the projector role/,
      ),
    })
    expect(stderr).not.toContain('Taken away')
    await release()
    expect(await run('prune', '--projection', 'category-aggregate', '--yes')).toMatchObject({ code: 0 })
    expect(await execute(cli.url, 'select from projections where status <> $$live$$')).toEqual([])
  })
})

const WHO_WAITS = `
  select from pg_stat_activity where datname = current_database() and application_name = 'taxbudget lock'`

/** As if another process built: who wants to, waits. */
async function keepBuildersOut(): Promise<() => Promise<void>> {
  const held = await holdAdvisoryLock(cli.url, locks.categoryAggregateBuilder, new AbortController().signal)
  return () => held.release()
}
