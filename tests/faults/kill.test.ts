/**
 * Acknowledged means durable, and counted exactly once: while 200 clients submit, the process and its PostgreSQL are
 * killed with kill -9, in turn, ten times.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { tiers } from '../../src/queries/results.ts'
import { type ResultsView, resultsView } from '../../src/queries/results-view.ts'
import { openServices } from '../../src/services.ts'
import { eventually } from '../support/eventually.ts'
import { type Ledger, startClients } from '../support/ledger-clients.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'

const ROUNDS = 10
const CLIENTS = 200
const TOKEN = 'token-of-this-tests-operator'

it('loses nothing and counts nothing twice when everything is killed ten times', {
  timeout: 300_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-kill-'))
  const service = new ServiceProcess(dataDir, await quietPort(), { OPERATOR_TOKEN: TOKEN })
  const crashes: Error[] = []
  service.onCrash = (error) => crashes.push(error)
  await service.start()
  const { ledger, stop } = startClients(service.url, CLIENTS)
  onTestFinished(async () => {
    await stop()
    await service.destroy()
    await rm(dataDir, { recursive: true })
  })
  const someMore = () => moreAcknowledged(ledger, crashes)

  for (let round = 0; round < ROUNDS; round++) {
    await someMore()
    await service.end('SIGKILL')
    await service.start()
    await someMore()
    process.kill((await service.postgresPid())!, 'SIGKILL')
  }
  await someMore()
  await stop()
  expect(ledger.unexpected).toEqual([])
  await expectAllTiersCount(service, ledger)

  expect(await service.end('SIGTERM')).toBe(0)
  expect(await service.postgresPid()).toBeUndefined()
  await expectLogHoldsEachOnce(dataDir, ledger)
})

/** Waits until most clients have another acknowledgement, so that the service is at work when it is hit. */
async function moreAcknowledged({ acknowledged }: Ledger, crashes: readonly Error[]): Promise<void> {
  const enough = acknowledged.size + 150
  await eventually(() => {
    expect(crashes).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(enough)
  }, 60_000)
}

/** Every tier has counted what was acknowledged, and at most what was sent, and they agree. */
async function expectAllTiersCount({ url }: ServiceProcess, { acknowledged, sent }: Ledger): Promise<void> {
  const ask = async (tier: string) => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const response = await fetch(`${url}/api/polls/us-federal/results?tier=${tier}`, { headers })
    expect(response.status).toBe(200)
    const { tier: answered, ...results } = (await response.json()) as ResultsView
    expect(answered).toBe(tier)
    return results
  }
  const replayed = await ask('replay')
  expect(replayed.submissions.counted).toBeGreaterThanOrEqual(acknowledged.size)
  expect(replayed.submissions.counted).toBeLessThanOrEqual(sent.count)
  for (const tier of tiers) await eventually(async () => expect(await ask(tier)).toEqual(replayed))
}

/** Reads the log event by event and adds up by hand, sharing nothing with the fold. */
async function expectLogHoldsEachOnce(dataDir: string, { acknowledged }: Ledger): Promise<void> {
  const services = await openServices(readConfig({ DATA_DIR: dataDir }))
  const seen = new Map<string, number>()
  const sums = new Map<string, number>()
  for await (const events of services.commands.log.readAll({ after: 0n }))
    for (const { stream, type, data } of events) {
      if (type !== 'AllocationSubmitted') continue
      seen.set(stream, (seen.get(stream) ?? 0) + 1)
      const { allocation } = data as { allocation: Record<string, number> }
      for (const [category, share] of Object.entries(allocation))
        sums.set(category, (sums.get(category) ?? 0) + share)
    }
  const view = resultsView(await services.results.results('us-federal', { tier: 'projection' }))
  await services.close()
  for (const submission of acknowledged.keys()) expect(seen.get(`submission-${submission}`)).toBe(1)
  expect(view.submissions.counted).toBe(seen.size)
  for (const { id, sum } of view.categories) expect(sum).toBe(sums.get(id))
}
