import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { openedPoll } from '../../../src/projections/poll-aggregate.ts'
import type { SubmissionRow, SubmissionRows } from '../../../src/projections/submission-rows.ts'
import { Exports, type ExportsOptions } from '../../../src/queries/exports/exports.ts'
import { eventually } from '../../support/eventually.ts'
import { testPoll } from '../../support/history.ts'

const rowAt = (n: number): SubmissionRow => ({
  position: BigInt(n),
  pseudonym: n.toString(16).padStart(32, '0'),
  submittedAt: '2026-01-02T03:04:05.678Z',
  changedAt: '2026-01-03T00:00:00.000Z',
  shares: [10_000, 0, 0],
})

const BATCH = 100
const WHOLE_POLL = 200_000

/** Rows without end of a poll of 200,000; how much was taken of them, and whether they were let go. */
class Source implements SubmissionRows {
  reached = BigInt(WHOLE_POLL)
  rowsLeft = WHOLE_POLL
  taken = 0
  open = 0
  signal: AbortSignal | undefined
  failAt = Number.POSITIVE_INFINITY

  checkpoint = async () => this.reached

  async *rows(
    _poll: string,
    _at: unknown,
    { after = 0n, limit = WHOLE_POLL, signal }: Parameters<SubmissionRows['rows']>[2] = {},
  ): AsyncGenerator<readonly SubmissionRow[]> {
    this.signal = signal
    this.open++
    try {
      const last = Math.min(this.rowsLeft, Number(after) + limit)
      for (let n = Number(after); n < last; n += BATCH) {
        signal?.throwIfAborted()
        if (n >= this.failAt) throw new Error('the database is away')
        const batch = Array.from({ length: Math.min(BATCH, last - n) }, (_, index) => rowAt(n + index + 1))
        this.taken += batch.length
        yield batch
      }
    } finally {
      this.open--
    }
  }
}

let source: Source
const exportsOf = (options: Partial<ExportsOptions> = {}) =>
  new Exports({
    rows: source,
    results: {
      results: async () => ({
        tier: 'snapshot',
        aggregate: {
          ...openedPoll(testPoll('one'), 1n, '2026-01-01T00:00:00.000Z'),
          position: BigInt(WHOLE_POLL),
          counted: WHOLE_POLL,
        },
      }),
    },
    patienceMs: 100,
    ...options,
  })

beforeEach(() => {
  source = new Source()
})

describe('a whole export', () => {
  test('given it is read to its end, then it tells rows, bytes and SHA-256, and lets the rows go', async () => {
    const exports = exportsOf()
    const stream = await exports.open(await exports.moment('one', {}), 'csv')
    expect(() => stream.exported()).toThrow('not ended')
    const bytes = await buffer(stream.body)
    expect(stream.exported()).toEqual({
      rows: WHOLE_POLL,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(source.open).toBe(0)
  })

  test('given a reader who takes nothing more, then no more is read than fits, and after a while it is cut off', async () => {
    const exports = exportsOf({ stallMs: 300, atOnce: 1 })
    const moment = await exports.moment('one', {})
    const { body } = await exports.open(moment, 'ndjson')
    // Listened to from the start: on a busy machine it may come before anything else is looked at.
    const cutOff = once(body, 'error')
    await once(body, 'readable')
    const [error] = await cutOff
    expect(source.taken).toBeLessThan(5000)
    expect(error.message).toBe('fewer than 524288 bytes were taken in 300 ms')
    await eventually(() => expect([source.open, source.signal!.aborted]).toEqual([0, true]))
    // Its place is free again.
    expect((await buffer((await exports.open(moment, 'csv')).body)).length).toBeGreaterThan(WHOLE_POLL)
  })

  test('given a reader who takes a little now and then, then it is cut off; one who takes enough is not', async () => {
    const exports = exportsOf({ stallMs: 400, leastBytes: 1_000_000, atOnce: 1 })
    const moment = await exports.moment('one', {})
    const { body } = await exports.open(moment, 'csv')
    const cutOff = once(body, 'error')
    const sips = setInterval(() => body.read(1000), 20)
    const [error] = await cutOff
    clearInterval(sips)
    expect(error.message).toBe('fewer than 1000000 bytes were taken in 400 ms')
    // Each of its pauses is shorter, all together are longer.
    const whole = await exports.open(moment, 'csv')
    let bytes = 0
    let next = 1_000_000
    for await (const chunk of whole.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes < next) continue
      next += 1_000_000
      await sleep(100)
    }
    expect(bytes).toBe(whole.exported().bytes)
    expect(next).toBeGreaterThan(6_000_000)
  })

  test('given one who has two under way, then the other places are for others', async () => {
    const exports = exportsOf()
    const moment = await exports.moment('one', {})
    const opened = [await exports.open(moment, 'csv', 'ana'), await exports.open(moment, 'csv', 'ana')]
    await expect(exports.open(moment, 'csv', 'ana')).rejects.toMatchObject({
      code: 'EXPORT_BUSY',
      detail: '2 exports are under way for your address, and no more are made at once.',
    })
    opened.push(await exports.open(moment, 'csv', 'ben'), await exports.open(moment, 'csv', 'cleo'))
    await expect(exports.open(moment, 'csv', 'dan')).rejects.toMatchObject({ code: 'EXPORT_BUSY' })
    opened[0]!.body.destroy()
    await once(opened[0]!.body, 'close')
    opened.push(await exports.open(moment, 'csv', 'ana'))
    for (const { body } of opened) body.destroy()
  })

  test('given a reader who goes, then its rows are let go and its place is free', async () => {
    const exports = exportsOf({ atOnce: 1 })
    const moment = await exports.moment('one', {})
    const { body } = await exports.open(moment, 'parquet')
    body.destroy()
    await once(body, 'close')
    expect(source.signal!.aborted).toBe(true)
    await eventually(() => expect(source.open).toBe(0))
    ;(await exports.open(moment, 'csv')).body.destroy()
  })

  test('given as many under way as may be, then one more is refused with when to come again', async () => {
    const exports = exportsOf({ atOnce: 2 })
    const moment = await exports.moment('one', {})
    const opened = [await exports.open(moment, 'csv'), await exports.open(moment, 'csv')]
    await expect(exports.open(moment, 'csv')).rejects.toMatchObject({ code: 'EXPORT_BUSY', retryAfter: 10 })
    // Pages do not wait for whoever is slow with a whole one.
    expect((await exports.page(moment, 'csv', { after: 0n, limit: 1 })).rows).toBe(1)
    for (const { body } of opened) body.destroy()
  })

  test.each(['csv', 'ndjson', 'parquet'] as const)(
    'given other rows than the results count, then %s fails rather than ends',
    async (format) => {
      source.rowsLeft = WHOLE_POLL - 1
      const exports = exportsOf()
      const { body } = await exports.open(await exports.moment('one', {}), format)
      await expect(buffer(body)).rejects.toThrow('199999 rows where 200000 submissions are counted')
    },
  )

  test('given the database goes away in the middle, then it fails', async () => {
    source.failAt = 50_000
    const exports = exportsOf()
    const stream = await exports.open(await exports.moment('one', {}), 'csv')
    await expect(buffer(stream.body)).rejects.toMatchObject({
      code: 'SUBMISSIONS_UNAVAILABLE',
      cause: { message: 'the database is away' },
    })
    expect(() => stream.exported()).toThrow()
  })

  test('given the database is away from the start, then that is told before anything is sent', async () => {
    source.failAt = 0
    const exports = exportsOf({ atOnce: 1 })
    const moment = await exports.moment('one', {})
    for (const _ of [1, 2])
      await expect(exports.open(moment, 'csv')).rejects.toMatchObject({ code: 'SUBMISSIONS_UNAVAILABLE' })
  })

  test('given the rows are behind the results, then it waits for them, but not for long', async () => {
    source.reached = 5n
    const exports = exportsOf({ patienceMs: 20_000 })
    const moment = await exports.moment('one', {})
    setTimeout(() => {
      source.reached = BigInt(WHOLE_POLL)
    }, 100)
    ;(await exports.open(moment, 'csv')).body.destroy()
    source.reached = 5n
    await expect(exportsOf().open(moment, 'csv')).rejects.toMatchObject({
      code: 'SUBMISSIONS_UNAVAILABLE',
      detail: 'Submissions can be read up to position 5; the results are at 200000.',
    })
  })

  test('given the service closes, then what is under way is cut off', async () => {
    const exports = exportsOf()
    const { body } = await exports.open(await exports.moment('one', {}), 'csv')
    const read = buffer(body)
    exports.close()
    await expect(read).rejects.toThrow('the service is closing')
  })
})

describe('pages', () => {
  test('given any size, then each goes on after the last, and the last one says so', async () => {
    source.rowsLeft = 1050
    const exports = exportsOf()
    const moment = await exports.moment('one', {})
    const sizes: number[] = []
    let lines = 0
    for (let after: bigint | undefined = 0n; after !== undefined; ) {
      const page = await exports.page(moment, 'ndjson', { after, limit: 350 })
      expect(page.sha256).toBe(createHash('sha256').update(page.bytes).digest('hex'))
      sizes.push(page.rows)
      lines += page.bytes.toString().trimEnd().split('\n').length
      after = page.next
    }
    expect(sizes).toEqual([350, 350, 350])
    expect(lines).toBe(1050)
  })
})
