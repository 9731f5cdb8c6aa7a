/**
 * NATS with the very settings of infra/droplet: TLS and passwords on one node, then three of them on three addresses of
 * this machine, of which one is killed while relay and projector go on.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { connect, type JetStreamManager, type NatsConnection } from 'nats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from '../../infra/programs.ts'
import { NatsClient } from '../../src/events/nats/client.ts'
import { diagnoseNats } from '../../src/events/nats/diagnosis.ts'
import { serverIdentity } from '../../src/events/nats/server-identity.ts'
import { parseNatsUrl } from '../../src/events/nats/url.ts'
import { trustAuthorities } from '../../src/trusted-authorities.ts'
import { root } from '../project-files.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { RealServer } from '../support/real-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask, submit } from '../web/api-client.ts'

const source = join(root, 'infra', 'droplet')
const ADDRESSES = ['127.0.2.1', '127.0.2.2', '127.0.2.3']
const names = ADDRESSES.map((_, index) => `node-${index + 1}`)

/** One droplet's NATS: the folder that compose mounts is in a temporary one. */
class Node extends RealServer {
  readonly name: string
  readonly #made: string

  constructor(name: string, made: string, folder: string) {
    super(folder)
    this.name = name
    this.#made = made
  }

  async start(config: 'nats-server.conf' | 'nats-cluster.conf'): Promise<void> {
    mkdirSync(this.folder, { recursive: true })
    for (const file of ['nats-server.conf', 'nats-cluster.conf'])
      writeFileSync(
        join(this.folder, file),
        readFileSync(join(source, file), 'utf8')
          .replaceAll('/etc/taxbudget', this.folder)
          // The server of Debian 12 is older than the word.
          .replace('sync_interval: always', '')
          .replace('store_dir: /data', `store_dir: "${join(this.folder, 'data')}"`),
      )
    cpSync(join(this.#made, this.name, 'secrets'), join(this.folder, 'secrets'), { recursive: true })
    const environment = parseEnv(readFileSync(join(this.folder, 'secrets', 'node.env'), 'utf8'))
    const own = ['--http_port', String(await quietPort())]
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
    await this.run(
      'env',
      [...variables, findProgram('nats-server')!, '--config', join(this.folder, config), ...own],
      'Server is ready',
    )
  }
}

let folder: string
let nodes: Node[]
let [url, TLS_CA] = ['', '']
let database: TestDatabase
const running: TestService[] = []
let admin: NatsConnection | undefined

beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'taxbudget-cluster-'))
  const made = join(folder, 'made')
  const asked = ADDRESSES.map((address, index) => `${names[index]}=${address}`)
  execFileSync(process.execPath, [join(source, 'nodes.ts'), made, ...asked])
  url = parseEnv(readFileSync(join(made, 'urls.env'), 'utf8')).NATS_URL!
  TLS_CA = readFileSync(join(made, 'ca.crt'), 'utf8')
  trustAuthorities(TLS_CA)
  nodes = names.map((name) => new Node(name, made, join(folder, name)))
})
afterAll(async () => {
  await admin?.close()
  for (const service of running.reverse()) await service.close()
  await Promise.all(nodes.map((node) => node.close()))
  await database.drop()
  rmSync(folder, { recursive: true })
})

const results = async ({ url: at }: TestService) =>
  (await ask(`${at}/api/polls/us-federal/results`)).json as {
    position: string
    submissions: { counted: number }
  }
const followsLog = async (projector: TestService) =>
  /^taxbudget_projector_follows_log (\d)/m.exec(await projector.services.metrics.text())?.[1] === '1'

async function streams(): Promise<JetStreamManager> {
  const { servers, user, password } = parseNatsUrl(url)!
  admin = await connect({
    servers: [...servers],
    user: user!,
    pass: password!,
    tls: { ca: TLS_CA, checkServerIdentity: serverIdentity(servers) } as { ca: string },
  })
  return await admin.jetstreamManager()
}

test('given one node, then it wants TLS and the password', async () => {
  await nodes[0]!.start('nats-server.conf')
  const [first] = parseNatsUrl(url)!.servers
  const { password } = parseNatsUrl(url)!
  const told = (given: string) =>
    diagnoseNats(given, () => NatsClient.tryOnce(given)).then(
      (away) => away?.message,
      (error: Error) => error.message,
    )
  expect(await told(`tls://taxbudget:${password}@${first}`)).toBeUndefined()
  expect(await told(`tls://taxbudget:wrong@${first}`)).toContain('NATS_URL')
  expect(await told(`tls://${first}`)).toContain('NATS_URL')
  await expect(
    connect({
      servers: [first!],
      user: 'taxbudget',
      pass: password!,
      tls: null,
      reconnect: false,
      timeout: 2000,
    }),
  ).rejects.toThrow()
})

test('given one node that became three by URL alone, when one is killed, then submissions go on being relayed and projected', {
  timeout: 60_000,
}, async () => {
  const settings = { DATABASE_URL: database.url, TLS_CA, SESSION_SECRET: 's'.repeat(32) }
  let service = await startTestService({ ...settings, NATS_URL: url.split(',')[0]! })
  await submit(service.url)
  await eventually(async () => expect((await results(service)).submissions.counted).toBe(1))
  await service.close()
  await nodes[0]!.kill()
  await Promise.all(nodes.map((node) => node.start('nats-cluster.conf')))
  service = await startTestService({ ...settings, NATS_URL: url })
  running.push(service)
  const submitAndSee = async () => {
    const position = BigInt((await submit(service.url)).position)
    await eventually(async () =>
      expect(BigInt((await results(service)).position)).toBeGreaterThanOrEqual(position),
    )
  }
  await eventually(async () => {
    await submitAndSee()
    expect(await followsLog(service)).toBe(false)
  }, 20_000)

  const manager = await streams()
  // All three have everything, and one of them leads: else nobody could take its place.
  const stream = await eventually(async () => {
    const [only] = await manager.streams.list().next()
    expect(only?.config.num_replicas).toBe(3)
    const info = await manager.streams.info(only!.config.name)
    expect(names).toContain(info.cluster!.leader)
    expect(info.cluster!.replicas!.map(({ current }) => current)).toEqual([true, true])
    return info
  }, 20_000)
  const { leader } = stream.cluster!
  await nodes.find(({ name }) => name === leader)!.kill()
  for (let n = 0; n < 3; n++) await submitAndSee()
  await eventually(async () => {
    await submitAndSee()
    expect(await followsLog(service)).toBe(false)
  }, 20_000)
  // Who asks may have been connected to the one that is dead.
  await eventually(async () => {
    const { state, cluster } = await manager.streams.info(stream.config.name)
    expect(cluster!.leader).not.toBe(leader)
    expect(state.last_seq).toBeGreaterThan(stream.state.last_seq)
  })
  const replayed = await service.services.results.results('us-federal', { tier: 'replay' })
  expect((await results(service)).submissions.counted).toBe(replayed.aggregate.counted)
})
