/** Starting and stopping as people do it: SIGTERM, Ctrl-C, a second start, a taken port, a wrong setting. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { TestServer } from '../esdb/test-server.ts'
import { root } from '../project-files.ts'
import { createTestDatabase } from '../support/database.ts'
import { startClients } from '../support/ledger-clients.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { startProxy } from '../support/silent-proxy.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask } from '../web/api-client.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-start-'))
})

async function given(environment: Record<string, string> = {}, port?: number): Promise<ServiceProcess> {
  const service = new ServiceProcess(dataDir, port ?? (await quietPort()), environment)
  onTestFinished(async () => {
    await service.destroy()
    await rm(dataDir, { recursive: true, force: true })
  })
  return service
}

async function counted({ url }: ServiceProcess): Promise<number> {
  const response = await fetch(`${url}/api/polls/us-federal/results`)
  return ((await response.json()) as { submissions: { counted: number } }).submissions.counted
}

describe('the service as a process', { timeout: 120_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends cleanly on %s, and a second start finds everything',
    async (signal) => {
      const service = await given()
      await service.start()
      const { ledger, stop } = startClients(service.url, 20)
      await expect.poll(() => ledger.acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(200)
      const ended = service.end(signal)
      expect(await ended).toBe(0)
      expect(await service.postgresPid()).toBeUndefined()
      await stop()
      await service.start()
      await expect.poll(() => counted(service), { timeout: 20_000 }).toBe(ledger.acknowledged.size)
      expect(ledger.unexpected).toEqual([])
      expect(await service.end('SIGTERM')).toBe(0)
    },
  )

  it('ends with the npm that started it', async () => {
    const port = await quietPort()
    const npm = spawn('npm', ['start'], {
      cwd: root,
      env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    const exited = once(npm, 'exit')
    const service = new ServiceProcess(dataDir, port)
    onTestFinished(async () => {
      // The whole group, if anything of it is left.
      await Promise.resolve()
        .then(() => process.kill(-npm.pid!, 'SIGKILL'))
        .catch(() => {})
      await service.destroy()
      await rm(dataDir, { recursive: true, force: true })
    })
    let output = ''
    npm.stdout.on('data', (chunk: Buffer) => {
      output += chunk
    })
    await expect.poll(() => output, { timeout: 30_000 }).toContain('listens on')
    npm.kill('SIGTERM')
    await exited
    await expect(fetch(`${service.url}/livez`)).rejects.toThrow('fetch failed')
    expect(await service.postgresPid()).toBeUndefined()
  })

  it('says in one line that its port is taken, and leaves nothing running', async () => {
    const first = await given()
    await first.start()
    const port = Number(new URL(first.url).port)
    const second = await given({ DATA_DIR: `${dataDir}-second` }, port)
    onTestFinished(() => rm(`${dataDir}-second`, { recursive: true, force: true }))
    await expect(second.start()).rejects.toThrow(/ended with 1:\s+PORT: .* is taken/)
    expect(await first.end('SIGTERM')).toBe(0)
  })

  it('names every wrong setting at once, and does not start', async () => {
    const service = await given({ PORT: 'none', ROLES: 'web,wheel', SESSION_SECRET: 'short' })
    await expect(service.start()).rejects.toThrow(/PORT[\s\S]*ROLES[\s\S]*SESSION_SECRET/)
  })

  it('waits for a database that cannot be reached, says so, and says in the end what is wrong', async () => {
    const service = await given({ DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/taxbudget' })
    const failed = service.start()
    await expect(failed).rejects.toThrow(
      /waiting up to 10 s for PostgreSQL on 127\.0\.0\.1:1 [\s\S]*\nDATABASE_URL: nothing listens on 127\.0\.0\.1:1/,
    )
    await expect(failed).rejects.not.toThrow(/secret|at .*\.ts/)
  })

  it('says what is wrong with a Redis that cannot be found, and leaves nothing running', async () => {
    const service = await given({ REDIS_URL: 'redis://:secret@no-such-host.invalid:6379' })
    const failed = service.start()
    await expect(failed).rejects.toThrow(/REDIS_URL: the host "no-such-host\.invalid" does not resolve/)
    await expect(failed).rejects.not.toThrow(/secret|at .*\.ts/)
    expect(await service.postgresPid()).toBeUndefined()
  })
})

describe('a log that is lost while the default poll is being opened', { timeout: 90_000 }, () => {
  /** The log answers at first contact, and is gone at the first question about the poll. */
  async function givenLossAtPoll(port: number, settings: (proxyPort: number) => Record<string, string>) {
    const proxy = await startProxy(port)
    onTestFinished(() => proxy.close())
    proxy.cutAt('poll-us-federal')
    return { proxy, service: await given(settings(proxy.port)) }
  }

  async function givenDatabase(): Promise<URL> {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    return new URL(database.url)
  }

  it('is waited for, and the sentence in the end names its setting', async () => {
    const url = await givenDatabase()
    const { proxy, service } = await givenLossAtPoll(Number(url.port), (port) => ({
      DATABASE_URL: Object.assign(url, { port: String(port) }).href,
    }))
    const failed = service.start()
    const server = `127\\.0\\.0\\.1:${proxy.port}`
    await expect(failed).rejects.toThrow(
      new RegExp(
        `DATABASE_URL: waiting up to 10 s for PostgreSQL on ${server} [\\s\\S]*` +
          `\nDATABASE_URL: ${server} has answered at first, and then no more: .+\n?$`,
      ),
    )
    await expect(failed).rejects.not.toThrow(/Nothing that was acknowledged|^\s+at .*\.ts/m)
    expect(proxy.isCut()).toBe(true)
  })

  it('may come back: then the start goes on', async () => {
    const [database, server] = [await givenDatabase(), await TestServer.start()]
    onTestFinished(() => server.close())
    const { proxy, service } = await givenLossAtPoll(server.port, (port) => ({
      DATABASE_URL: database.href,
      EVENT_STORE_URL: `esdb://127.0.0.1:${port}?tls=false`,
    }))
    const started = service.start()
    await expect.poll(proxy.isCut, { timeout: 60_000 }).toBe(true)
    // Longer than the log itself has patience.
    await sleep(6000)
    proxy.mend()
    await started
    expect((await ask(`${service.url}/api/polls/us-federal`)).status).toBe(200)
    expect(await service.end('SIGTERM')).toBe(0)
  })
})
