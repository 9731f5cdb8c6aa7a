import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { LoadReport } from '../../loadtest/report.ts'
import { endOf } from '../cli/command-line.ts'
import { cleanEnvironment } from '../support/clean-environment.ts'
import { startTestService, type TestService } from '../support/service.ts'

const main = join(import.meta.dirname, '..', '..', 'loadtest', 'main.ts')
let service: TestService
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-loadtest-'))
  service = await startTestService()
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

const start = (...args: readonly string[]) =>
  spawn(process.execPath, [main, ...args, '--json'], {
    env: cleanEnvironment({ DATA_DIR: folder, TMPDIR: folder }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })

async function load(...args: readonly string[]): Promise<{ code: number | null; report: LoadReport }> {
  const { code, stdout, stderr } = await endOf(start(...args))
  if (stdout === '') throw new Error(stderr)
  return { code, report: JSON.parse(stdout) as LoadReport }
}

const ofKind = ({ kinds }: LoadReport, kind: string) => kinds.find((each) => each.kind === kind)

/** In front of the service: one request after the other, each a while. */
async function startSlowProxy(milliseconds: number): Promise<string> {
  let last = Promise.resolve()
  const server = createServer((incoming, outgoing) => {
    last = last.then(async () => {
      await sleep(milliseconds)
      const { method, headers, url } = incoming
      const forwarded = request(`${service.url}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      })
      incoming.pipe(forwarded)
      await once(outgoing, 'close')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('npm run loadtest', { timeout: 120_000 }, () => {
  test('given a service, then everything is answered, acknowledged is counted, and the outcome is kept', async () => {
    const { report } = await load(
      '--url',
      service.url,
      '--seconds',
      '3',
      '--warm-up',
      '0.5',
      '--rate',
      '20',
      '--seed',
      'a',
    )
    expect(report).toMatchObject({
      url: service.url,
      seed: 'a',
      seconds: 3,
      errors: {},
      counting: { met: true, wrong: 0 },
    })
    expect(report.counting.acknowledged).toBeGreaterThanOrEqual(20)
    expect(report.counting.counted).toBe(report.counting.acknowledged)
    expect(report.kinds.map(({ kind }) => kind)).toEqual(['home', 'submission', 'results', 'individual'])
    for (const { failed, p50, p95, max } of report.kinds) {
      expect(failed).toBe(0)
      expect(p50!).toBeLessThanOrEqual(p95!)
      expect(p95!).toBeLessThanOrEqual(max!)
    }
    expect(JSON.parse(await readFile(join(folder, 'loadtest.json'), 'utf8'))).toEqual(report)
  })

  test('given a service that does not keep up, then the waiting is counted, and the exit code tells', async () => {
    const url = await startSlowProxy(100)
    // Ten a second are answered, twenty come.
    const { code, report } = await load(
      '--url',
      url,
      '--seconds',
      '3',
      '--warm-up',
      '0',
      '--rate',
      '20',
      '--mix',
      'results=1',
    )
    expect(code).toBe(1)
    expect(report.met).toBe(false)
    // Whoever asks for the next one when the last one is answered would see some 100 ms.
    expect(ofKind(report, 'results')!.p95!).toBeGreaterThan(1000)
    expect(report.rate.answered).toBeLessThan(report.rate.due)
  })

  test('given nobody there, or no such poll, then it says so', async () => {
    const none = await endOf(start('--url', 'http://127.0.0.1:1', '--seconds', '1'))
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toContain('ECONNREFUSED')
    const poll = await endOf(start('--url', service.url, '--poll', 'none', '--seconds', '1'))
    expect(poll.stderr).toContain(`${service.url} gives no definition of the poll none: it answers 404`)
    expect((await endOf(start('--rate', 'x'))).code).toBe(2)
  })

  test('given no address, then it starts a service of its own, and leaves nothing behind', async () => {
    const { report } = await load(
      '--seconds',
      '1',
      '--warm-up',
      '0',
      '--rate',
      '10',
      '--out',
      join(folder, 'own.json'),
    )
    expect(report.counting).toMatchObject({ met: true, wrong: 0 })
    const left = await readFile(join(folder, 'own.json'), 'utf8')
    expect(JSON.parse(left).url).toBe(report.url)
    await expect(fetch(report.url)).rejects.toThrow()
  })
})
