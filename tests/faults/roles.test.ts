/** Processes of one role each, on one PostgreSQL: what they tell of themselves, and what happens when one of them ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ReadinessReport } from '../../src/readiness.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startClients } from '../support/ledger-clients.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask, expectProblem, rightAllocation, submit } from '../web/api-client.ts'

let database: TestDatabase
let dataDir: string
let processes: ServiceProcess[]

beforeEach(async () => {
  ;[database, dataDir, processes] = [
    await createTestDatabase(),
    await mkdtemp(join(tmpdir(), 'taxbudget-roles-')),
    [],
  ]
  return async () => {
    await Promise.all(processes.map((each) => each.destroy()))
    await rm(dataDir, { recursive: true })
    await database.drop()
  }
})

/** A running process with these roles; all in one test share the database and the secret. */
async function given(roles: string, environment: Record<string, string> = {}): Promise<ServiceProcess> {
  const settings = { DATABASE_URL: database.url, ROLES: roles, LOG_LEVEL: 'fatal', ...environment }
  const service = new ServiceProcess(dataDir, await quietPort(), settings)
  processes.push(service)
  await service.start()
  return service
}

async function readyz({ url }: ServiceProcess) {
  const { status, headers, json } = await ask(`${url}/readyz`)
  return { status, headers, ...(json as ReadinessReport) }
}

/** What a process says of one part that it leans on. */
const about = async (service: ServiceProcess, name: string) =>
  (await readyz(service)).checks.find((check) => check.name === name)

const isActive = async (service: ServiceProcess) =>
  (await about(service, 'projection'))?.detail?.startsWith('active') === true

async function counted({ url }: ServiceProcess): Promise<number> {
  const { json } = await ask(`${url}/api/polls/us-federal/results`)
  return (json as { submissions: { counted: number } }).submissions.counted
}

async function query(text: string): Promise<void> {
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(text)
  await client.end()
}

describe('a process without the web role', { timeout: 120_000 }, () => {
  it.each([
    ['relay', ['event log', 'bus']],
    ['projector', ['event log', 'projection', 'submissions']],
    ['relay,projector', ['event log', 'bus', 'event log', 'projection', 'submissions']],
  ])('with ROLES=%s listens, and says so and how it is', async (roles, parts) => {
    const service = await given(roles)
    const where = service.url.replace('127.0.0.1', 'localhost')
    const greeting = `taxbudget (${roles.replace(',', ', ')}) listens on ${where} for /livez, /readyz and /metrics`
    expect(service.output).toContain(greeting)
    expect((await ask(`${service.url}/livez`)).json).toEqual({ alive: true })
    await eventually(async () =>
      expect((await ask(`${service.url}/metrics`)).text).toContain('taxbudget_log_head_position 1'),
    )
    await eventually(async () => {
      const { status, checks } = await readyz(service)
      expect([status, checks.map(({ name }) => name)]).toEqual([200, parts])
    })
    for (const path of ['/', '/results', '/api/polls', '/docs'])
      expectProblem(await ask(service.url + path, { headers: { accept: 'text/html' } }), 'NOT_FOUND')
    expect(await service.end('SIGTERM')).toBe(0)
  })

  it('says whether its projector is the active one or a standby, and by what it is fed', async () => {
    const fed = await given('relay,projector')
    await eventually(async () =>
      expect((await about(fed, 'projection'))?.detail).toBe('active at position 1, fed by the bus'),
    )
    const standby = await given('projector')
    await eventually(async () =>
      expect((await about(standby, 'projection'))?.detail).toBe('standby, the projection is at position 1'),
    )
    expect(await fed.end('SIGINT')).toBe(0)
    await eventually(async () =>
      expect((await about(standby, 'projection'))?.detail).toBe(
        'active at position 1, fed by the log itself',
      ),
    )
  })

  it('given a projection that cannot be saved, is not ready and says why, until it can', async () => {
    const [web, projector] = [await given('web'), await given('projector')]
    await eventually(async () =>
      expect((await about(projector, 'projection'))?.detail).toMatch(/^active at position 1,/),
    )
    await query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'the disk of this test is full'; end $$;
      create trigger refuse before insert or update on poll_aggregates execute function refuse()`)
    await submit(web.url)
    await eventually(async () => {
      const { status, headers } = await readyz(projector)
      expect([status, headers.get('retry-after')]).toEqual([503, '5'])
      const stands = await about(projector, 'projection')
      expect(stands?.detail).toMatch(
        /^the projection stands still at position 1: .*the disk of this test is full/,
      )
    }, 60_000)
    expect((await ask(`${projector.url}/livez`)).status).toBe(200)
    expect((await readyz(web)).status).toBe(200)
    await query('drop trigger refuse on poll_aggregates')
    await eventually(async () => expect((await readyz(projector)).status).toBe(200), 40_000)
    await eventually(async () => expect(await counted(web)).toBe(1))
  })
})

describe('the active one of two projectors', { timeout: 90_000 }, () => {
  /** A standby that waits for the lock tries twice a second: long before the server takes silence for the holder's end. */
  const TAKEN_OVER_MS = 8000

  it('ends by SIGTERM or is killed: the other takes over, nothing is lost or counted twice', async () => {
    const web = await given('web')
    let [active, standby] = [await given('projector'), await given('projector')]
    // Whoever comes first to ask for the lock: on a busy machine that may be the one that was started last.
    await eventually(async () => {
      if (await isActive(standby)) [active, standby] = [standby, active]
      expect(await isActive(active)).toBe(true)
    })
    const { ledger, stop } = startClients(web.url, 20)
    onTestFinished(stop)
    const someMore = async () => {
      const enough = (await counted(web)) + 200
      await eventually(async () => expect(await counted(web)).toBeGreaterThan(enough), 30_000)
    }
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await eventually(async () => expect(await isActive(active)).toBe(true))
      await someMore()
      expect(await isActive(standby)).toBe(false)
      const ended = active.end(signal)
      await eventually(async () => expect(await isActive(standby)).toBe(true), TAKEN_OVER_MS)
      expect(await ended).toBe(signal === 'SIGTERM' ? 0 : null)
      await someMore()
      await active.start()
      ;[active, standby] = [standby, active]
    }
    await stop()
    expect(ledger.unexpected).toEqual([])
    await eventually(async () => expect(await counted(web)).toBe(ledger.acknowledged.size))
  })
})

describe('a web process that is told to end', { timeout: 60_000 }, () => {
  it('is not ready at once, still answers whoever comes, and ends with 0', async () => {
    const web = await given('web')
    const before = await eventually(async () => {
      const told = await readyz(web)
      expect(told).toMatchObject({ status: 200, checks: [{ role: 'web' }, { role: 'web' }] })
      return told
    })
    expect(before.headers.get('connection')).toBe('keep-alive')
    const ended = web.end('SIGTERM')
    const told = await eventually(async () => {
      const answer = await ask(`${web.url}/readyz`, { headers: { connection: 'close' } })
      expect(answer.status).toBe(503)
      return answer
    }, 1000)
    expect(told.json).toMatchObject({ ready: false, checks: [{ name: 'shutdown', ready: false }] })
    expect(told.headers.get('retry-after')).toBe('5')
    const last = await ask(`${web.url}/livez`)
    expect([last.status, last.headers.get('connection')]).toEqual([200, 'close'])
    await submit(web.url)
    expect(await ended).toBe(0)
  })

  it('loses no submission that it has acknowledged', async () => {
    const [web, projector] = [await given('web'), await given('projector')]
    const { ledger, stop } = startClients(web.url, 20)
    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(200))
    expect(await web.end('SIGTERM')).toBe(0)
    const again = await given('web')
    await stop()
    expect(ledger.unexpected).toEqual([])
    await eventually(async () =>
      expect(await counted(again)).toBeGreaterThanOrEqual(ledger.acknowledged.size),
    )
    expect(await counted(again)).toBeLessThanOrEqual(ledger.sent.count)
    expect(await projector.end('SIGTERM')).toBe(0)
  })
})

describe('a trace', { timeout: 60_000 }, () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const projected = ({ output }: ServiceProcess) =>
    output
      .split('\n')
      .filter((line) => line.includes('"msg":"projected"'))
      .map((line) => JSON.parse(line))

  it.each([
    ['relay,projector', 'web'],
    ['relay,projector,web', undefined],
  ])('given ROLES=%s, goes from the request to the projector’s log line', async (roles, front) => {
    const projector = await given(roles, { LOG_LEVEL: 'info' })
    const web = front ? await given(front) : projector
    await submit(web.url, rightAllocation)
    await submit(web.url, rightAllocation, { traceparent: `00-${traceId}-00f067aa0ba902b7-00` })
    await eventually(async () => expect(await counted(web)).toBe(2))
    expect(projected(projector)).toEqual([])
    const sampled = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const { position } = await submit(web.url, rightAllocation, sampled)
    await eventually(() =>
      expect(projected(projector)).toMatchObject([{ level: 30, to: position, traceIds: [traceId] }]),
    )
  })
})
