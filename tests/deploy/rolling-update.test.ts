/** One version of the program is replaced by the next, behind nginx, while people come: nobody notices. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { Visitors } from '../../loadtest/visitors.ts'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import { programSchema } from '../../src/postgres/migrations.ts'
import { ALIVE_FOR } from '../../src/postgres/running-programs.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { laterProgram } from '../support/other-program.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask } from '../web/api-client.ts'
import { Audience, socketsOf } from './audience.ts'
import { capacity, SteadyLoad } from './steady-load.ts'

/** Visits a second. */
const RATE = 300
const MIX = { home: 5, submission: 20, results: 70, individual: 5 }
/** Whatever it waits for, the machine may be busy. */
const PATIENCE_MS = 120_000

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Every submission that stands in the log; one that stood there twice would be there twice. */
const submissionsIn = async (url: string) =>
  (await query(
    url,
    `select substring(stream from 12) as id, data -> 'allocation' as allocation from events where stream like 'submission-%'`,
  )) as { id: string; allocation: Allocation }[]

/** How many requests a process has answered, probes aside. */
async function served({ url }: ServiceProcess): Promise<number> {
  const { text } = await ask(`${url}/metrics`)
  const counts = text.matchAll(/^taxbudget_http_request_duration_seconds_count\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** A busy machine makes people wait: that is no failure, and more connections would not help. */
const VISITORS = { patienceMs: PATIENCE_MS, connections: 100 }

/** Of what the machine can do at most, so much is left for the update itself. */
const LEFT = 0.3

/**
 * People who come 300 times a second. Where others leave too little of the machine for that, they come as often as it
 * can bear, and the test says so: what is tested is what an update changes.
 */
async function startLoad(visitors: Visitors): Promise<{ load: SteadyLoad; rate: number }> {
  // There must be something to look at when the first reader comes.
  await visitors.submit('first')
  const possible = await capacity(visitors, MIX, seededRandom('probe'))
  const rate = Math.min(RATE, Math.round((1 - LEFT) * possible))
  if (rate < RATE)
    console.warn(`This machine answers ${Math.round(possible)}/s at the moment: ${rate}/s come.`)
  return { load: new SteadyLoad(visitors, { rate, mix: MIX, seed: 'rolling' }), rate }
}

/** A database, the two versions of the program, three places behind nginx. */
async function given() {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-rolling-'))
  const next = String((await programSchema()) + 1).padStart(6, '0')
  const later = await laterProgram('0.2.0', {
    // In the way of everybody for a moment: the table that every submission changes.
    [`${next}_later.sql`]: 'alter table poll_aggregates add column later integer;',
  })
  const places = [await quietPort(), await quietPort(), await quietPort()] as const
  const nginx = await NginxServer.start(places)
  const processes: ServiceProcess[] = []
  onTestFinished(async () => {
    await Promise.all(processes.map((each) => each.destroy()))
    await nginx.close()
    await later.remove()
    await rm(dataDir, { recursive: true })
    await database.drop()
  })
  const settings = {
    ...{ DATABASE_URL: database.url, DATA_DIR: dataDir, LOG_LEVEL: 'warn', MIGRATE: 'manual' },
    // Processes are started while people wait: what one has compiled the next need not.
    NODE_COMPILE_CACHE: join(dataDir, 'compiled'),
  }
  const start = async (ROLES: string, port: number, main?: string) => {
    const environment = { ...settings, ROLES, TRUST_PROXY: 'loopback', PUBLIC_URL: nginx.url }
    const process = new ServiceProcess(dataDir, port, environment, main)
    processes.push(process)
    await process.start()
    await eventually(async () => expect((await ask(`${process.url}/readyz`)).status).toBe(200), PATIENCE_MS)
    return process
  }
  return { database, later, places, nginx, start, settings }
}

test('a rolling update under load: no request fails, who watches is sent on, and everything that was acknowledged counts once', async () => {
  const { database, later, places, nginx, start, settings } = await given()
  await start('projector', await quietPort())
  const old = await Promise.all([start('web', places[0]), start('web', places[1])])
  const visitors = await Visitors.open(nginx.url, 'us-federal', seededRandom('visitors'), VISITORS)
  onTestFinished(() => visitors.close())
  const { load, rate } = await startLoad(visitors)
  const audience = await Audience.open(nginx.url, old)
  onTestFinished(() => audience.leave())

  // The job of a deployment; two at once do no harm.
  const jobs = await Promise.all([later.migrate(settings), later.migrate(settings)])
  expect(jobs.map(({ code }) => code)).toEqual([0, 0])
  expect(jobs.map(({ output }) => output.match(/applied \d{6}_later/g)?.length ?? 0).sort()).toEqual([0, 1])
  for (const each of old) expect((await ask(`${each.url}/readyz`)).status).toBe(200)

  const replace = async (process: ServiceProcess, free: number) => {
    const replacement = await start('web', free, later.main)
    // nginx has found it.
    await eventually(async () => expect(await served(replacement)).toBeGreaterThan(20), PATIENCE_MS)
    const held = await socketsOf(process)
    expect(held).toBeGreaterThan(0)
    const [code] = await Promise.all([process.end('SIGTERM'), audience.comeBack(held)])
    expect(code).toBe(0)
    return replacement
  }
  const replaced = [await replace(old[0]!, places[2]), await replace(old[1]!, places[0])]
  const sockets = await Promise.all(replaced.map(socketsOf))
  expect(sockets.reduce((sum, each) => sum + each, 0)).toBe(audience.size)

  const before = load.answered
  await eventually(() => {
    expect(load.answered).toBeGreaterThan(before + 2 * rate)
    expect(load.waiting).toBeLessThan(rate)
  }, PATIENCE_MS)
  const outcome = await load.finish()
  console.log({ ...outcome, watching: audience.size, sentOn: audience.sentOn })
  expect(outcome.failures).toEqual([])
  expect(outcome.rate).toBeGreaterThan(0.9 * rate)

  const inLog = await submissionsIn(database.url)
  const ids = inLog.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const stored = new Map(inLog.map(({ id, allocation }) => [id, allocation]))
  for (const { id, allocation } of visitors.submitted) expect(stored.get(id)).toEqual(allocation)
  // While the machine was tried out, some may have been taken that were not told so.
  expect(stored.size).toBeLessThanOrEqual(visitors.submitted.length + visitors.unknown)
  await eventually(async () => {
    const { json } = await ask(`${nginx.url}/api/polls/us-federal/results`)
    const { submissions, categories } = json as Pick<ResultsView, 'submissions' | 'categories'>
    expect(submissions).toMatchObject({ counted: stored.size, excluded: 0, withdrawn: 0 })
    for (const { id, sum } of categories)
      expect(sum, id).toBe(inLog.reduce((all, { allocation }) => all + (allocation[id] ?? 0), 0))
  }, PATIENCE_MS)

  // Who ends says so once, and is forgotten a little later where the database was too busy to hear it.
  await eventually(async () => {
    const serving = await query(
      database.url,
      `select url, version from processes where 'web' = any(roles) and seen_at > now() - interval '${ALIVE_FOR}'`,
    )
    expect(serving).toHaveLength(2)
    expect(serving).toEqual(expect.arrayContaining(replaced.map(({ url }) => ({ url, version: '0.2.0' }))))
  }, PATIENCE_MS)
}, 600_000)
