import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServices, type Services } from '../../src/cli/services.ts'
import type { SubmissionRows } from '../../src/projections/submission-rows.ts'
import { Exports } from '../../src/queries/exports/exports.ts'
import { ExportSidecar } from '../../src/queries/exports/sidecar.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService } from '../support/service.ts'
import { pbWith } from './ballot-files.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { runHere } from './command-line.ts'

const formats = ['csv', 'ndjson', 'parquet', 'pb'] as const

let cli: CliDatabase
const run = (...args: string[]) => runHere(args, cli.environment)
beforeAll(async () => {
  cli = await createCliDatabase()
  const votes = ['v1;A;100', 'v2;A,C;50,50', 'v3;C;100', 'v4;A,C;33,67', 'v5;A,C;99,1']
  await run('import', await cli.write('p.pb', pbWith(...votes)), '--poll', 'p')
})
afterAll(() => cli?.drop())

const exportTo = (name: string, ...more: string[]) => {
  const format = name.split('.').at(-1)!
  return run('export', 'p', '--format', format, '--out', cli.path(name), ...more)
}
const sidecarOf = async (name: string) =>
  ExportSidecar.parse(JSON.parse(await readFile(cli.path(`${name}.json`), 'utf8')))

describe('taxbudget export', () => {
  test.each(formats)('given a poll, when exported as %s, then file and sidecar are there', async (format) => {
    const { code, stdout, stderr } = await exportTo(`whole.${format}`, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const bytes = await readFile(cli.path(`whole.${format}`))
    const sidecar = await sidecarOf(`whole.${format}`)
    expect(JSON.parse(stdout)).toEqual({ file: cli.path(`whole.${format}`), ...sidecar })
    expect(sidecar).toMatchObject({
      poll: 'p',
      format,
      rows: 5,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      past: 'position',
      published: { submissions: { counted: 5 } },
    })
    expect((await readdir(cli.path('.'))).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  test.each(['csv', 'pb'])(
    'given an export as %s, when imported into another poll, then the numbers are the same',
    async (format) => {
      await exportTo(`again.${format}`)
      const imported = await run('import', cli.path(`again.${format}`), '--poll', `again-${format}`, '--json')
      expect(imported.code).toBe(0)
      expect(JSON.parse(imported.stdout)).toMatchObject({ imported: 5, rejected: 0 })
      const [one, other] = await Promise.all(
        ['p', `again-${format}`].map(async (poll) =>
          JSON.parse((await run('results', poll, '--json')).stdout),
        ),
      )
      const numbers = (view: { categories: { label: string }[] }) =>
        view.categories.map(({ label, ...rest }) => rest)
      expect(numbers(other)).toEqual(numbers(one))
      expect(other.truthful).toEqual(one.truthful)
    },
  )

  test('given a position and a time of the past, when exported, then they are what counted then', async () => {
    await exportTo('past.csv', '--position', '3')
    expect(await sidecarOf('past.csv')).toMatchObject({ position: '3', rows: 2, past: 'position' })
    // Votes of a .pb file count from the day on which voting began.
    await exportTo('then.csv', '--as-of', '2035-01-01')
    const refused = await exportTo('future.csv', '--position', '99999999')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/The newest position is \d+/)])
    await exportTo('before.csv', '--as-of', '1999-01-01')
    expect(await sidecarOf('before.csv')).toMatchObject({
      asOf: '1999-01-01T00:00:00.000Z',
      rows: 0,
      past: 'asOf',
    })
    expect((await run('recount', cli.path('before.csv'))).code).toBe(0)
  })

  test('given a file that is there, when nobody can be asked, then it stays, unless --yes is said', async () => {
    await cli.write('there.csv', 'mine')
    const refused = await exportTo('there.csv')
    expect(refused.code).toBe(2)
    expect(await readFile(cli.path('there.csv'), 'utf8')).toBe('mine')
    const { stderr } = await exportTo('there.csv')
    expect(stderr).toContain('say --yes, or name another file')
    expect(stderr).not.toContain('--dry-run')
    expect((await exportTo('there.csv', '--yes')).code).toBe(0)
    expect(await readFile(cli.path('there.csv'), 'utf8')).toMatch(/^pseudonym,/)
  })

  test('given --out -, when exported, then the file goes to stdout, and messages do not', async () => {
    await exportTo('out.csv')
    const { code, stdout, stderr } = await run('export', 'p', '--format', 'csv', '--out', '-')
    expect({ code, stdout }).toEqual({ code: 0, stdout: await readFile(cli.path('out.csv'), 'utf8') })
    expect(stderr).toContain((await sidecarOf('out.csv')).sha256)
    expect((await run('export', 'p', '--format', 'csv', '--out', '-', '--json')).code).toBe(2)
  })

  test.each([
    [
      ['export', 'p', '--format', 'xlsx', '--out', 'x'],
      2,
      /--format must be one of csv, ndjson, parquet, pb/,
    ],
    [['export', 'p', '--format', 'csv'], 2, /--out F is missing/],
    [
      ['export', 'p', '--format', 'csv', '--out', 'x', '--position', 'one'],
      2,
      /--position must be a whole number/,
    ],
    [['export', 'none', '--format', 'csv', '--out', 'x-none.csv'], 1, /There is no poll called none/],
    [['export', 'p', '--format', 'csv', '--out', '/nowhere/x.csv'], 1, /There is no such file or folder/],
  ])('given %j, when run, then the exit code is %i, with a reason', async (args, code, reason) => {
    const ran = await run(...args)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(reason)
  })

  test('given Ctrl-C in the middle, then no file is left, and it says so', async () => {
    const stopping = new AbortController()
    const out = cli.path('stopped.ndjson')
    const ended = runHere(['export', 'p', '--format', 'ndjson', '--out', out], cli.environment, {
      signal: stopping.signal,
      openServices: async (...args) => withEndlessRows(await openServices(...args)),
    })
    await eventually(async () => expect((await stat(`${out}.partial`)).size).toBeGreaterThan(0))
    stopping.abort()
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Stopped. Nothing is left of it.\n' })
    expect((await readdir(cli.path('.'))).filter((name) => name.startsWith('stopped'))).toEqual([])
  })
})

/** The same, but the first rows come again and again. */
function withEndlessRows(services: Services): Services {
  const { submissionRows, results } = services
  const rows: SubmissionRows['rows'] = async function* (poll, at, options) {
    const [batch] = await Array.fromAsync(submissionRows.rows(poll, at))
    for (;;) {
      options?.signal?.throwIfAborted()
      yield batch!
    }
  }
  const endless = { checkpoint: () => submissionRows.checkpoint(), rows }
  return { ...services, exports: new Exports({ rows: endless, results }) }
}

describe('taxbudget recount', () => {
  test.each(formats)('given a whole export as %s, then every number is as published', async (format) => {
    await exportTo(`right.${format}`)
    const { code, stdout, stderr } = await run('recount', cli.path(`right.${format}`))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^5 counted, 5 recounted\n\npercent +mean +recounted/)
    expect(stderr).toMatch(
      /^(\d+) of \1 numbers are as published at position 6, and the file’s SHA-256 is right/,
    )
    expect(stderr).toContain('Not recomputed, because no export has them: 0 excluded, 0 withdrawn, 0 parked.')
  })

  test('given a file in which a vote was changed, then it names every number that differs, and the exit code is 1', async () => {
    await exportTo('forged.csv')
    const text = await readFile(cli.path('forged.csv'), 'utf8')
    await writeFile(cli.path('forged.csv'), text.replace(',100,0\r\n', ',0,100\r\n'))
    const { code, stdout, stderr } = await run('recount', cli.path('forged.csv'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/green mean +5640 +3640/)
    expect(stdout).toMatch(/green submissions that give 10000 +1 +0/)
    expect(stderr).toContain('is not the file that was exported: its SHA-256 is another')
    const json = await run('recount', cli.path('forged.csv'), '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ right: false, sameFile: false })
  })

  test('given other bytes with the same numbers, then the SHA-256 alone tells', async () => {
    await exportTo('reordered.csv')
    const lines = (await readFile(cli.path('reordered.csv'), 'utf8')).trimEnd().split('\r\n')
    const swapped = [lines[0], lines[2], lines[1], ...lines.slice(3)]
    await writeFile(cli.path('reordered.csv'), `${swapped.join('\r\n')}\r\n`)
    const { code, stdout } = await run('recount', cli.path('reordered.csv'), '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ right: false, differences: [], sameFile: false })
  })

  test.each(formats)('given %s that was cut off, then it is not whole', async (format) => {
    const name = `cut.${format}`
    await exportTo(name)
    const bytes = await readFile(cli.path(name))
    await writeFile(cli.path(name), bytes.subarray(0, bytes.length - 40))
    expect((await run('recount', cli.path(name))).code).toBe(1)
  })

  test('given a service or a database to hold it against, then it is asked for the same moment', async () => {
    await exportTo('against.parquet', '--position', '4')
    const file = cli.path('against.parquet')
    const database = await run('recount', file, '--against', 'database', '--json')
    expect(JSON.parse(database.stdout)).toMatchObject({
      right: true,
      published: { submissions: { counted: 3 } },
    })
    const service = await startTestService()
    try {
      const environment = { DATABASE_URL: service.config.databaseUrl!, DATA_DIR: service.config.dataDir }
      const there = (...args: string[]) => runHere(args, environment)
      await there('import', cli.path('p.pb'), '--poll', 'p')
      const out = cli.path('served.csv')
      expect((await there('export', 'p', '--format', 'csv', '--out', out)).code).toBe(0)
      const right = await runHere(['recount', out, '--against', service.url])
      expect({ code: right.code }).toEqual({ code: 0 })
      await there('import', await cli.write('more.pb', pbWith('v9;A;100')), '--poll', 'p')
      expect((await runHere(['recount', out, '--against', `${service.url}/`])).code).toBe(0)
    } finally {
      await service.close()
    }
    const nobody = await run('recount', file, '--against', 'http://127.0.0.1:1')
    expect([nobody.code, nobody.stderr]).toEqual([1, 'Nothing answers at http://127.0.0.1:1.\n'])
  })

  test.each([
    [['recount', 'x.txt'], 2, /must end in .csv, .ndjson, .parquet, .pb/],
    [['recount', 'missing.csv'], 1, /There is no such file/],
    [['recount', 'missing.csv', '--against', 'everything'], 1, /There is no such file/],
  ])('given %j, when run, then the exit code is %i, with a reason', async (args, code, reason) => {
    const ran = await runHere(args)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(reason)
  })

  test('given no sidecar, then it says what to hold the file against, and for which moment', async () => {
    await exportTo('alone.csv')
    const file = await cli.write('bare.csv', await readFile(cli.path('alone.csv'), 'utf8'))
    expect(await run('recount', file)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/There is no .*bare.csv.json: say --against/),
    })
    expect(await run('recount', file, '--against', 'database')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/does not say what it is of: give --poll, and --position/),
    })
    const said = ['--against', 'database', '--poll', 'p', '--position', '6']
    expect((await run('recount', file, ...said)).code).toBe(0)
    for (const format of ['parquet', 'pb']) {
      await exportTo(`says.${format}`, '--position', '4')
      await rm(cli.path(`says.${format}.json`))
      const { code, stdout } = await run(
        'recount',
        cli.path(`says.${format}`),
        '--against',
        'database',
        '--json',
      )
      expect([code, JSON.parse(stdout).published.position], format).toEqual([0, '4'])
    }
  })
})
