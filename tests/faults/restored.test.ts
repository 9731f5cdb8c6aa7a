/** PostgreSQL's files are put back to how they were, while Redis, NATS and running processes remember what came later. */
import { randomUUID } from 'node:crypto'
import { cp, lchown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identity } from '../../src/postgres/embedded-binaries.ts'
import { runCli } from '../cli/command-line.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'
import { PostgresServer } from '../support/world/postgres-server.ts'

const OPERATOR_TOKEN = 'operator-token-of-this-test'
const PATIENCE_MS = 30_000

let folder: string
let postgres: PostgresServer
let redis: RedisServer
let nats: NatsServer
let service: ServiceProcess
let settings: Record<string, string>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-restored-'))
  ;[postgres, redis, nats] = await Promise.all([
    PostgresServer.create(join(folder, 'server')),
    RedisServer.start(),
    NatsServer.start(),
  ])
  settings = { DATABASE_URL: postgres.url, SESSION_SECRET: 'a-secret-that-all-processes-share' }
  const own = { ...settings, REDIS_URL: redis.url, NATS_URL: nats.url, OPERATOR_TOKEN }
  service = new ServiceProcess(join(folder, 'data'), await quietPort(), own)
  await service.start()
})
afterEach(async () => {
  await service.destroy()
  await Promise.all([postgres.close(), redis.close(), nats.close()])
  await rm(folder, { recursive: true, force: true })
})

const files = () => join(folder, 'server', 'postgres')
const kept = () => join(folder, 'kept')

/** Copies the files of the stopped server. */
async function keepFiles(): Promise<void> {
  await postgres.stop()
  await cp(files(), kept(), { recursive: true, preserveTimestamps: true })
  await postgres.start()
}

/** As somebody does who restores a copy of the disk. */
async function putFilesBack(): Promise<void> {
  await postgres.stop()
  await rm(files(), { recursive: true })
  await cp(kept(), files(), { recursive: true, preserveTimestamps: true })
  await own(files())
  await postgres.start()
}

/** A server that root starts runs as somebody else, who must have the files. */
async function own(path: string): Promise<void> {
  const who = await identity()
  if (!who) return
  await lchown(path, who.uid, who.gid)
  const entries = await readdir(path, { recursive: true })
  await Promise.all(entries.map((entry) => lchown(join(path, entry), who.uid, who.gid)))
}

async function submit(count: number, category: string): Promise<void> {
  for (let each = 0; each < count; each++) {
    // What was taken, and not told so in time, counts once.
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
    await eventually(async () => {
      const response = await fetch(`${service.url}/api/polls/us-federal/submissions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ allocation: { [category]: 10_000 } }),
      })
      expect(response.status).toBe(201)
    }, PATIENCE_MS)
  }
}

interface Results {
  readonly position: string
  readonly submissions: { readonly counted: number }
  readonly categories: readonly { readonly id: string; readonly sum: number }[]
}

async function ask(tier = ''): Promise<Results | undefined> {
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  const url = `${service.url}/api/polls/us-federal/results${tier && `?tier=${tier}`}`
  const response = await fetch(url, { headers }).catch(() => undefined)
  return response?.ok ? ((await response.json()) as Results) : undefined
}

/** Sums by category, those that are not 0. */
const sums = (results: Results | undefined) =>
  Object.fromEntries((results?.categories ?? []).flatMap(({ id, sum }) => (sum > 0 ? [[id, sum]] : [])))

const shows = async (expected: Record<string, number>) =>
  await eventually(async () => expect(sums(await ask())).toEqual(expected), PATIENCE_MS)

/** Every tier says the same at the same position. */
async function tiersAgree(expected: Record<string, number>): Promise<void> {
  await shows(expected)
  await eventually(async () => {
    const [snapshot, projection, replay] = [
      await ask('snapshot'),
      await ask('projection'),
      await ask('replay'),
    ]
    expect([sums(snapshot), sums(projection), sums(replay)]).toEqual([expected, expected, expected])
    expect([snapshot?.position, projection?.position]).toEqual([replay?.position, replay?.position])
  }, PATIENCE_MS)
}

const readyz = async () => JSON.stringify(await (await fetch(`${service.url}/readyz`)).json())

describe('given a database that is put back to an older state', { timeout: 180_000 }, () => {
  test('when the processes start again, then nothing of what is gone is shown, and everything goes on', async () => {
    await submit(5, 'health')
    await shows({ health: 50_000 })
    await service.end('SIGTERM')
    await keepFiles()
    await service.start()
    await submit(5, 'education')
    await tiersAgree({ health: 50_000, education: 50_000 })
    await service.end('SIGKILL')

    await putFilesBack()
    await service.start()
    expect(sums(await ask())).toEqual({ health: 50_000 })
    await tiersAgree({ health: 50_000 })
    expect(service.output).toContain(
      'Redis held results of us-federal at position 11 whose events the event log does not have: the database was restored from an older backup',
    )
    expect(await readyz()).toContain('the log was restored from an older backup')
    await submit(3, 'environment')
    await tiersAgree({ health: 50_000, environment: 30_000 })
  })

  test('when it has grown past that again before the processes start, then what is there counts, and nothing else', async () => {
    await submit(5, 'health')
    await shows({ health: 50_000 })
    await service.end('SIGTERM')
    await keepFiles()
    await service.start()
    await submit(5, 'education')
    await tiersAgree({ health: 50_000, education: 50_000 })
    await service.end('SIGKILL')

    await putFilesBack()
    // Without Redis and NATS, and further than it had come.
    const simulate = ['simulate', 'us-federal', '--submissions', '12', '--direct', '--seed', '1']
    expect(await runCli(simulate, { ...settings, DATA_DIR: join(folder, 'data') })).toMatchObject({ code: 0 })
    await service.start()
    expect((await ask())?.submissions.counted).not.toBe(10)
    await eventually(async () => expect((await ask())?.submissions.counted).toBe(17), PATIENCE_MS)
    await tiersAgree(sums(await ask('replay')))
    expect(service.output).toContain('Redis held results of us-federal at position 11')
    expect(service.output).toContain('NATS held events up to position 11 that the event log does not have')
  })

  test('when the processes run all the while, then they notice, say so, and forget what they knew', async () => {
    await submit(5, 'health')
    await shows({ health: 50_000 })
    await keepFiles()
    await submit(5, 'education')
    await tiersAgree({ health: 50_000, education: 50_000 })

    await putFilesBack()
    await shows({ health: 50_000 })
    expect(service.output).toContain('the event log has gone back: it ends at position 6')
    await submit(7, 'environment')
    await tiersAgree({ health: 50_000, environment: 70_000 })
  })
})
