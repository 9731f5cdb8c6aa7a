/** Many questions about the past: each computed once, a bounded number at a time, none for nobody. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { openedPoll } from '../../src/projections/poll-aggregate.ts'
import { PastResults, type PastResultsOptions } from '../../src/queries/past/past-results.ts'
import { ReplayPool } from '../../src/queries/replay-pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { tell, testPoll } from '../support/history.ts'

const limits = { maxEvents: 1000n, positionsPerEvent: 1n, deadlineMs: 20_000 }

/** Threads that answer when they are told to. */
function given({ head = 100n } = {}) {
  const asked: {
    question: unknown
    signal: AbortSignal
    answer: () => void
    fail: (error: Error) => void
  }[] = []
  const log = { at: head, head: async () => log.at }
  const ask: PastResultsOptions['pool']['ask'] = (_job, question, options) =>
    new Promise((resolve, reject) => {
      const { upTo } = question as { upTo: bigint }
      options.signal!.addEventListener('abort', () => reject(options.signal!.reason))
      const answer = () => resolve(openedPoll(testPoll('one'), upTo, '2026-01-01T00:00:00.000Z') as never)
      asked.push({ question, signal: options.signal!, answer, fail: reject })
    })
  return { past: new PastResults({ log, pool: { ask }, ...limits }), asked, log }
}

const until = async (asked: readonly unknown[], count: number) =>
  eventually(() => expect(asked).toHaveLength(count))

describe('the past', () => {
  it('is computed once for all who ask at the same time, and remembered', async () => {
    const { past, asked } = given()
    const both = Promise.all([past.at('one', { position: 7n }), past.at('one', { position: 7n })])
    await until(asked, 1)
    asked[0]!.answer()
    const [first, second] = await both
    expect(second).toBe(first)
    expect(await past.at('one', { position: 7n })).toBe(first)
    expect(past.remembered('one', { position: 7n })).toBe(first)
    expect(past.remembered('one', { position: 8n })).toBeUndefined()
    expect(asked).toHaveLength(1)
  })

  it('is computed on while somebody waits, and broken off when nobody does', async () => {
    const { past, asked } = given()
    const [one, other] = [new AbortController(), new AbortController()]
    const waiting = [one, other].map(({ signal }) => past.at('one', { position: 7n }, signal))
    const outcomes = Promise.allSettled(waiting)
    await until(asked, 1)
    one.abort()
    await expect(waiting[0]).rejects.toThrow('aborted')
    expect(asked[0]!.signal.aborted).toBe(false)
    other.abort()
    await outcomes
    expect(asked[0]!.signal.aborted).toBe(true)
    const anew = past.at('one', { position: 7n })
    await until(asked, 2)
    asked[1]!.answer()
    expect((await anew)?.position).toBe(7n)
  })

  it('as of a time goes on from what is known when more has come', async () => {
    const { past, asked, log } = given()
    const asOf = '2026-06-01T00:00:00.000Z'
    const first = past.at('one', { asOf })
    await until(asked, 1)
    asked[0]!.answer()
    const aggregate = await first
    expect(await past.at('one', { asOf })).toBe(aggregate)
    log.at = 120n
    const then = past.at('one', { asOf })
    await until(asked, 2)
    expect(asked[1]!.question).toMatchObject({ upTo: 120n, known: { upTo: 100n, aggregate } })
    asked[1]!.answer()
    expect((await then)?.position).toBe(120n)
    // What a permanent link names stays what it was.
    expect(await past.at('one', { asOf, position: 100n })).toBe(aggregate)
  })

  it('beyond the head is not there, and refused where it takes too much or fails', async () => {
    const { past, asked } = given()
    await expect(past.at('one', { position: 101n })).rejects.toMatchObject({ code: 'POSITION_NOT_FOUND' })
    const failing = async (name: string) => {
      const answer = past.at('one', { position: 9n })
      answer.catch(() => {})
      await until(asked, failures.push(name))
      asked.at(-1)!.fail(Object.assign(new Error('no'), { name }))
      return await answer.catch((error: { code: string }) => error.code)
    }
    const failures: string[] = []
    expect(await failing('TooManyEvents')).toBe('REPLAY_BUSY')
    expect(await failing('EventLogUnavailable')).toBe('RESULTS_UNAVAILABLE')
    expect(await failing('AbortError')).toBeUndefined()
  })
})

it('from an archive that is away says of which month, and not where it should be', async () => {
  const { past, asked } = given()
  const answer = past.at('one', { position: 9n })
  answer.catch(() => {})
  await until(asked, 1)
  asked[0]!.fail(
    new Error('the archive of the events of 2025-01, /srv/archive/x.parquet, cannot be read: no such file'),
  )
  await expect(answer).rejects.toMatchObject({
    code: 'RESULTS_UNAVAILABLE',
    detail: 'The archive of the events of 2025-01 cannot be read.',
  })
})

describe('from a real log', () => {
  let database: TestDatabase
  let log: PostgresEventLog
  let pool: ReplayPool
  beforeEach(async () => {
    database = await createTestDatabase()
    log = new PostgresEventLog({ databaseUrl: database.url })
    for (const { stream, events, expectedRevision } of tell([]))
      await log.append(stream, events, expectedRevision)
    pool = new ReplayPool({ databaseUrl: database.url }, { threads: 1, waiting: 1 })
  })
  afterEach(async () => {
    await pool.close()
    await log.close()
    await database.drop()
  })

  const submit = async (occurredAt: string) => {
    const data = {
      poll: 'one',
      allocation: { a: 10_000, b: 0, c: 0 },
      via: 'api',
      receiptHash: '0'.repeat(64),
      occurredAt,
    }
    const event = { id: randomUUID(), type: 'AllocationSubmitted', schemaVersion: 1, data }
    return (await log.append(`submission-${randomUUID()}`, [event], NO_STREAM)).position
  }

  it('what is imported later belongs to its time, and to no position before', async () => {
    const past = new PastResults({ log, pool, ...limits })
    const asOf = '2026-02-01T00:00:00.000Z'
    const position = await submit('2026-01-15T00:00:00.000Z')
    expect((await past.at('one', { asOf }))?.counted).toBe(1)
    await submit('2026-03-01T00:00:00.000Z')
    expect((await past.at('one', { asOf }))?.counted).toBe(1)
    const late = await submit('2026-01-10T00:00:00.000Z')
    expect(await past.at('one', { asOf })).toMatchObject({ counted: 2, position: late })
    expect(await past.at('one', { asOf, position })).toMatchObject({ counted: 1, position })
    expect(await past.at('one', { position: late })).toMatchObject({ counted: 3 })
    expect(await past.at('none', { position: late })).toBeUndefined()
  })

  it('more than can wait are told to come back, and the rest are answered', async () => {
    const past = new PastResults({ log, pool, ...limits })
    const asking = [1n, 2n].flatMap((position) =>
      ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'].map((asOf) =>
        past.at('one', { position, asOf }),
      ),
    )
    const outcomes = await Promise.allSettled(asking)
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(2)
    for (const each of refused)
      expect(each).toMatchObject({ reason: { code: 'REPLAY_BUSY', retryAfter: 10 } })
    expect((await past.at('one', { position: 2n }))?.counted).toBe(0)
  })

  it('a question that is broken off makes room for the next', async () => {
    const past = new PastResults({ log, pool, ...limits })
    const stop = new AbortController()
    const left = past.at('one', { position: 1n }, stop.signal)
    stop.abort()
    await expect(left).rejects.toThrow('aborted')
    expect((await past.at('one', { position: 2n }))?.position).toBe(1n)
  })
})
