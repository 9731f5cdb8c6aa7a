/** A real disk without room: under the database, and where files are to be written. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { type CliDatabase, createCliDatabase } from '../cli/cli-database.ts'
import { endOf, runHere } from '../cli/command-line.ts'
import { cleanEnvironment } from '../support/clean-environment.ts'
import { eventually } from '../support/eventually.ts'
import { SmallDisk } from '../support/small-disk.ts'
import { quietPort } from '../support/world/ports.ts'
import { formIn, Person } from '../web/person.ts'

const root = join(import.meta.dirname, '..', '..')
const OPERATOR_TOKEN = 'operator-token-of-this-test'
const PATIENCE_MS = 60_000

describe('the embedded database on a full disk', { timeout: 240_000 }, () => {
  let disk: SmallDisk
  let service: ChildProcess
  let url: string
  let output = ''

  const start = async () => {
    disk = await SmallDisk.create('120m')
    const port = await quietPort()
    url = `http://127.0.0.1:${port}`
    const [program, ...args] = disk.command(process.execPath, [join(root, 'src', 'main.ts')])
    const env = { DATA_DIR: join(disk.path, 'data'), PORT: String(port), LOG_LEVEL: 'warn', OPERATOR_TOKEN }
    service = spawn(program!, args, { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [service.stdout!, service.stderr!])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
      })
    await eventually(() => expect(output).toContain('listens on'), PATIENCE_MS)
  }
  const postgres = async () => {
    const file = `/proc/${service.pid}/root${disk.path}/data/postgres/postmaster.pid`
    return Number((await readFile(file, 'utf8')).split('\n')[0])
  }
  afterEach(async () => {
    const pid = await postgres().catch(() => undefined)
    const ended = once(service, 'exit')
    service.kill('SIGKILL')
    await ended
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await disk.remove()
  })

  const accepted: string[] = []
  const submit = async (key: string) => {
    const response = await fetch(`${url}/api/polls/us-federal/submissions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ allocation: { health: 5000, education: 5000 } }),
    })
    const body = (await response.json()) as { submission?: string; code?: string }
    if (response.status === 201) accepted.push(body.submission!)
    return { status: response.status, body, retryAfter: response.headers.get('retry-after') }
  }
  const results = async (tier = '') => {
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
    const path = `/api/polls/us-federal/results${tier && `?tier=${tier}`}`
    const response = await fetch(`${url}${path}`, { headers })
    return { status: response.status, body: (await response.json()) as { submissions: { counted: number } } }
  }
  const counted = async (tier?: string) => (await results(tier)).body.submissions?.counted

  test('given no room, then people are told so and keep what they entered, results are shown, and afterwards all goes on', async () => {
    await start()
    for (let n = 0; n < 5; n++) expect((await submit(`first-${n}`)).status).toBe(201)
    await eventually(async () => expect(await counted()).toBe(5), PATIENCE_MS)
    const person = new Person(url)
    const form = formIn((await person.get('/')).html)

    await disk.fill(service)
    // What the database has room for in files that it has made already it takes all the same.
    let refused = await submit('more-0')
    for (let n = 1; refused.status === 201 && n < 3000; n++) refused = await submit(`more-${n}`)
    expect(refused).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) })
    const known = accepted.length
    const shown = await results()
    expect(shown.status).toBe(200)
    expect(shown.body.submissions.counted).toBeLessThanOrEqual(known)
    expect((await person.get('/results')).status).toBe(200)
    const page = await person.send(form, { 'allocation[health]': '61', 'allocation[education]': '39' })
    expect(page.status).toBe(503)
    expect(Object.fromEntries(formIn(page.html).fields)).toMatchObject({
      'allocation[health]': '61',
      'allocation[education]': '39',
    })

    // The database crashes, and finds no room to recover.
    process.kill(await postgres(), 'SIGKILL')
    expect((await submit('more-crash')).status).toBe(503)
    expect((await results()).status).toBe(200)

    await disk.empty(service)
    await eventually(async () => expect((await submit('after')).status).toBe(201), PATIENCE_MS)
    await eventually(async () => {
      const numbers = [await counted(), await counted('projection'), await counted('replay')]
      expect(new Set(numbers).size).toBe(1)
      expect(numbers[0]).toBeGreaterThanOrEqual(new Set(accepted).size)
    }, PATIENCE_MS)
    for (const id of accepted) {
      const response = await fetch(`${url}/api/submissions/${id}`)
      expect(await response.json()).toMatchObject({ status: 'counted', allocation: { health: 5000 } })
    }
    // Nothing that was refused for certain is counted: what was repeated is, once.
    expect((await submit('after')).body.submission).toBe(accepted.at(-1))
  })
})

describe('files on a full disk', { timeout: 120_000 }, () => {
  let cli: CliDatabase

  const given = async () => {
    cli = await createCliDatabase()
    onTestFinished(() => cli.drop())
    await runHere(['polls', 'open', 'polls/us-federal.json'], cli.environment)
    await runHere(['simulate', 'us-federal', '--submissions', '4000', '--direct'], cli.environment)
    const disk = await SmallDisk.create('128k')
    onTestFinished(() => disk.remove())
    return disk
  }

  test.each([
    ['backup', (path: string) => ['backup', path]],
    ['backup into a folder', (path: string) => ['backup', join(path, '..')]],
    ['export', (path: string) => ['export', 'us-federal', '--format', 'csv', '--out', path]],
  ])('given a %s, then it is told, and nothing is left of it', async (_, argsFor) => {
    const disk = await given()
    const main = join(root, 'src', 'cli', 'main.ts')
    const args = argsFor(join(disk.path, 'file'))
    const { code, stdout, stderr } = await endOf(
      disk.start(process.execPath, [main, ...args], { PATH: process.env.PATH, ...cli.environment }),
    )
    expect({ code, stderr: stderr.trim().split('\n').at(-1), left: stdout.trim() }).toEqual({
      code: 1,
      stderr: 'The disk is full: nothing is left of what was written.',
      left: '',
    })
  })
})
