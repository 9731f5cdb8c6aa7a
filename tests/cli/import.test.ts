import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIRST_VOTE, pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { endOf, startCli } from './command-line.ts'

let cli: CliDatabase

beforeAll(async () => {
  cli = await createCliDatabase()
})
afterAll(() => cli?.drop())

const mean = async (poll: string) => {
  const { stdout } = await cli.run('results', poll, '--json')
  const { submissions, categories } = JSON.parse(stdout)
  return {
    counted: submissions.counted,
    means: categories.map((category: { mean: number }) => category.mean),
  }
}

describe('taxbudget import', () => {
  test('given a file with bad lines, when imported, then they are told, the rest counts, and the exit code is 1', async () => {
    const file = await cli.write('bad.pb', pbWith('v1;A;100', 'v2;A;99', 'v3;C;100', 'v4;X;100'))
    const report = cli.path('report.ndjson')
    const { code, stdout, stderr } = await cli.run('import', file, '--poll', 'bad', '--report', report)
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'bad: 2 imported, 0 already there, 2 rejected\n' })
    expect(stderr).toContain('Opened the poll bad, "A small budget", with 2 categories.')
    expect(stderr).toContain(`line ${FIRST_VOTE + 1}: gives 99 points in all instead of 100`)
    expect(stderr).toContain(`line ${FIRST_VOTE + 3}: names X, which is not among the projects`)
    expect(
      (await readFile(report, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).line),
    ).toEqual([FIRST_VOTE + 1, FIRST_VOTE + 3])
    expect(await mean('bad')).toEqual({ counted: 2, means: [5000, 5000] })
  })

  test('given a good file, when imported twice, then it counts once, and both times all is fine', async () => {
    const file = await cli.write('twice.pb', pbWith('v1;A;100', 'v2;C;100', 'v1;A;100'))
    const first = await cli.run('import', file, '--poll', 'twice', '--json')
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout)).toEqual({
      poll: 'twice',
      imported: 2,
      alreadyThere: 1,
      rejected: 0,
      complete: true,
      dryRun: false,
    })
    const second = await cli.run('import', file, '--poll', 'twice')
    expect(second).toMatchObject({ code: 0, stdout: 'twice: 0 imported, 3 already there, 0 rejected\n' })
    expect((await mean('twice')).counted).toBe(2)
  })

  test('given a voter with another allocation, when imported again, then the line is rejected', async () => {
    await cli.run('import', await cli.write('one.pb', pbWith('v1;A;100')), '--poll', 'changed')
    const changed = await cli.run(
      'import',
      await cli.write('other.pb', pbWith('v1;C;100')),
      '--poll',
      'changed',
    )
    expect(changed).toMatchObject({ code: 1, stdout: 'changed: 0 imported, 0 already there, 1 rejected\n' })
    expect(changed.stderr).toContain(`line ${FIRST_VOTE}: this voter was imported with another allocation`)
    expect(await mean('changed')).toEqual({ counted: 1, means: [10_000, 0] })
  })

  test('given fewer votes than the file announces, when imported, then that is told', async () => {
    const content = pbWith('v1;A;100').replace('vote_type', 'num_votes;2\nvote_type')
    const imported = await cli.run('import', await cli.write('cut.pb', content), '--poll', 'cut')
    expect(imported.code).toBe(0)
    expect(imported.stderr).toContain('The file announces 2 votes and has 1: look whether it is whole.')
  })

  test('given --normalise, when imported, then votes that do not use all points are scaled', async () => {
    const file = await cli.write('scaled.pb', pbWith('v1;A,C;1,2'))
    expect(await cli.run('import', file, '--poll', 'scaled', '--normalise')).toMatchObject({ code: 0 })
    expect(await mean('scaled')).toEqual({ counted: 1, means: [3333, 6667] })
  })

  test('given --dry-run, when imported, then everything is checked and nothing is there', async () => {
    const file = await cli.write('dry.pb', pbWith('v1;A;100', 'v2;A;1'))
    const dry = await cli.run('import', file, '--poll', 'dry', '--dry-run')
    expect(dry).toMatchObject({ code: 1, stdout: 'dry: 1 would be imported, 0 already there, 1 rejected\n' })
    expect(await cli.run('results', 'dry')).toMatchObject({
      code: 1,
      stderr: 'There is no poll called dry.\n',
    })
  })

  test('given a CSV for a poll with a step, when imported, then shares off the step are rejected', async () => {
    expect((await cli.run('polls', 'open', 'polls/us-federal.json')).code).toBe(0)
    const { stdout } = await cli.run('results', 'us-federal', '--json')
    const ids = JSON.parse(stdout).categories.map(({ id }: { id: string }) => id)
    const rest = ',0'.repeat(ids.length - 2)
    const rows = [`s1,2026-01-01T00:00:00Z,40,60${rest}`, `s2,2026-01-01T00:00:00Z,39.5,60.5${rest}`]
    const file = await cli.write('us.csv', [`submission,submitted_at,${ids}`, ...rows].join('\n'))
    const imported = await cli.run('import', file, '--poll', 'us-federal')
    expect(imported).toMatchObject({
      code: 1,
      stdout: 'us-federal: 1 imported, 0 already there, 1 rejected\n',
    })
    expect(imported.stderr).toMatch(/line 3: Healthcare must be in steps of 1 %/)
    const before = await cli.run('results', 'us-federal', '--as-of', '2025-12-31', '--json')
    expect(JSON.parse(before.stdout).submissions.counted).toBe(0)
  })

  test('given other categories, a closed poll or another file type, when imported, then it says so', async () => {
    const file = await cli.write('mismatch.pb', pbWith('v1;A;100'))
    await cli.run('import', file, '--poll', 'mismatch')
    const csv = await cli.write(
      'mismatch.csv',
      'submission,submitted_at,green,Trams\ns1,2026-01-01T00:00:00Z,40,60',
    )
    const other = await cli.run('import', csv, '--poll', 'mismatch')
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(other.stderr).toMatch(/does not have "Trams"; the file does not have "sport"/)
    expect((await cli.run('polls', 'close', 'mismatch', '--yes')).code).toBe(0)
    const closed = await cli.run('import', file, '--poll', 'mismatch')
    expect(closed).toMatchObject({ code: 1, stdout: '' })
    expect(closed.stderr).toMatch(/The poll mismatch is closed.*taxbudget polls reopen mismatch/)
    expect(await cli.run('import', 'ballots.xlsx', '--poll', 'p')).toMatchObject({ code: 2 })
    const missing = await cli.run('import', 'missing.pb', '--poll', 'p')
    expect(missing).toMatchObject({ code: 1, stderr: 'There is no such file or folder: missing.pb.\n' })
  })

  test('given an import under way, when interrupted and run again, then everything counts once', async () => {
    const count = 30_000
    const votes = Array.from({ length: count }, (_, index) => `v${index};A,C;40,60`)
    const file = await cli.write('long.pb', pbWith(...votes))
    const child = startCli(['import', file, '--poll', 'long', '--json'], cli.environment)
    child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), 100))
    const { code, stdout, stderr } = await endOf(child)
    const { imported, complete } = JSON.parse(stdout)
    expect({ code, complete }).toEqual({ code: 1, complete: false })
    expect(stderr).toMatch(/To go on, run the same command again/)
    expect(imported).toBeLessThan(count)
    const again = JSON.parse((await cli.run('import', file, '--poll', 'long', '--json')).stdout)
    expect(again).toMatchObject({
      imported: count - imported,
      alreadyThere: imported,
      rejected: 0,
      complete: true,
    })
    expect(await mean('long')).toEqual({ counted: count, means: [4000, 6000] })
  })
})
