/**
 * The embedded PostgreSQL keeps its port over a crash, unless somebody else has taken it: any connection that goes out
 * at that moment may be given it.
 */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import { startClients } from '../support/ledger-clients.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'

it('given its port is taken while the embedded PostgreSQL is dead, then it moves, and the service goes on by itself', {
  timeout: 120_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-moved-'))
  const service = new ServiceProcess(dataDir, await quietPort(), { OPERATOR_TOKEN: 'token-of-this-test' })
  await service.start()
  const { ledger, stop, finish } = startClients(service.url, 20)
  onTestFinished(async () => {
    await stop()
    await service.destroy()
    await rm(dataDir, { recursive: true })
  })
  const portOfDatabase = async () => Number(await readFile(join(dataDir, 'postgres-port'), 'utf8'))
  const moreAcknowledged = async () => {
    const enough = ledger.acknowledged.size + 200
    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(enough), 60_000)
  }
  await moreAcknowledged()
  const port = await portOfDatabase()

  // Or else it may be sooner than the thief.
  service.pause()
  process.kill((await service.postgresPid())!, 'SIGKILL')
  await take(port)
  service.resume()
  await eventually(async () => expect(await portOfDatabase()).not.toBe(port), 30_000)
  await moreAcknowledged()
  await finish()

  expect(ledger.unexpected).toEqual([])
  expect(service.output).toContain('the embedded PostgreSQL has moved')
  const headers = { authorization: 'Bearer token-of-this-test' }
  const response = await fetch(`${service.url}/api/polls/us-federal/results?tier=replay`, { headers })
  const { submissions } = (await response.json()) as ResultsView
  expect(submissions.counted).toBe(ledger.acknowledged.size)
})

/** Listens there as soon as it is free, and hangs up on everybody. */
async function take(port: number): Promise<void> {
  const thief = createServer((socket) => socket.destroy())
  const attempt = async (): Promise<void> => {
    thief.listen(port, '127.0.0.1')
    await once(thief, 'listening').catch(attempt)
  }
  await attempt()
  onTestFinished(() => void thief.close())
}
