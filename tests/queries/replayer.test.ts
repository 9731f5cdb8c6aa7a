/** Replays for readers: each question once, one at a time, bounded, off the event loop. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { Replayer, type ReplayerOptions } from '../../src/queries/replayer.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { tell } from '../support/history.ts'

let database: TestDatabase
let log: PostgresEventLog
let replayers: Replayer[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  log = new PostgresEventLog({ databaseUrl: database.url })
  for (const { stream, events, expectedRevision } of tell([]))
    await log.append(stream, events, expectedRevision)
})

afterEach(async () => {
  for (const replayer of replayers) await replayer.close()
  replayers = []
  await log.close()
  await database.drop()
})

function open(options: Partial<ReplayerOptions> = {}): Replayer {
  const replayer = new Replayer({
    log,
    source: { databaseUrl: database.url },
    maxEvents: 1000n,
    deadlineMs: 20_000,
    ...options,
  })
  replayers.push(replayer)
  return replayer
}

describe('replayer', () => {
  it('answers those who ask the same at the same time with one replay', async () => {
    const replayer = open()
    const answers = await Promise.all([replayer.replay({}), replayer.replay({}), replayer.replay({})])
    expect([...answers[0].keys()]).toEqual(['one', 'two'])
    expect(answers[1]).toBe(answers[0])
    expect(answers[2]).toBe(answers[0])
  })

  it('refuses another question meanwhile, and takes it afterwards', async () => {
    const replayer = open()
    const both = await Promise.allSettled([replayer.replay({}), replayer.replay({ upTo: 1n })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = both.find(({ status }) => status === 'rejected')
    expect(refused).toMatchObject({ reason: { code: 'REPLAY_BUSY', retryAfter: 10 } })
    expect([...(await replayer.replay({ upTo: 1n })).keys()]).toEqual(['one'])
  })

  it('refuses a log that is too long, and a position that does not exist', async () => {
    await expect(open({ maxEvents: 1n }).replay({})).rejects.toMatchObject({ code: 'REPLAY_BUSY' })
    const sparse = { maxEvents: 1n, positionsPerEvent: 1000n }
    expect((await open(sparse).replay({})).size).toBe(2)
    await expect(open().replay({ upTo: 99n })).rejects.toMatchObject({ code: 'POSITION_NOT_FOUND' })
  })

  it('gives up after its deadline, and answers the next question all the same', async () => {
    const hurried = open({ deadlineMs: 1 })
    await expect(hurried.replay({})).rejects.toMatchObject({ code: 'REPLAY_BUSY' })
    await expect(hurried.replay({ upTo: 1n })).rejects.toMatchObject({ code: 'REPLAY_BUSY' })
    expect((await open().replay({})).size).toBe(2)
  })

  it('says that it cannot when the log is away, and works again when it is back', async () => {
    const away = open({ source: { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' } })
    await expect(away.replay({})).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    await expect(away.replay({})).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
  })
})
