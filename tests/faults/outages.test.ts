/** What people see while the database hangs, and when somebody else closes a poll. */
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { openServices } from '../../src/services.ts'
import { eventually } from '../support/eventually.ts'
import { testPoll } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService
beforeEach(async () => {
  service = await startTestService()
})
afterEach(() => service.close())

const post = () =>
  fetch(`${service.url}/api/polls/us-federal/submissions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ allocation: { health: 10_000 } }),
  })

async function results(): Promise<ResultsView> {
  const response = await fetch(`${service.url}/api/polls/us-federal/results`)
  expect(response.status).toBe(200)
  return (await response.json()) as ResultsView
}

describe('given a table that is locked and hangs every query', () => {
  it('the last results are still served, quickly, and go on when it is over', {
    timeout: 60_000,
  }, async () => {
    await post()
    await eventually(async () => expect((await results()).submissions.counted).toBe(1))
    const admin = new pg.Client(service.services.databaseUrl)
    await admin.connect()
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()`
    await admin.query(
      'begin; lock table projections, poll_aggregates, category_aggregates in access exclusive mode',
    )
    // The projector loses its lock, and with it the right to keep the snapshots.
    await admin.query(cut)
    for (let n = 0; n < 30; n++) {
      expect((await results()).submissions.counted).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const started = performance.now()
    for (let n = 0; n < 20; n++) await results()
    // Each would wait a second for the projection if it were still asked.
    expect(performance.now() - started).toBeLessThan(10_000)
    await admin.query('rollback')
    await admin.end()
    expect((await post()).status).toBe(201)
    await eventually(async () => expect((await results()).submissions.counted).toBe(2), 20_000)
  })
})

describe('given another process closes the poll', () => {
  it('it takes no more submissions as soon as the log tells', async () => {
    expect((await post()).status).toBe(201)
    const other = await openServices({ ...service.config })
    await closePoll(other.commands, 'us-federal', 'anna')
    await other.close()
    await eventually(async () => expect((await post()).status).toBe(409))
  })
})

describe('given a poll whose words no database likes', () => {
  it.each(['a\u0000b', 'a\ud800b', 'a\u001bb'])(
    'it is refused, and everything else goes on (%j)',
    async (title) => {
      const bad = { ...testPoll('bad'), title }
      await openPoll(service.services.commands, bad).catch(() => {})
      expect((await post()).status).toBe(201)
      await eventually(async () => expect((await results()).submissions.counted).toBe(1))
    },
  )
})
