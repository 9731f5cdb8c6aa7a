/** The running totals that trends are answered from: brought up to date, shared, and what is left without a projection. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { PeriodReader } from '../../src/projections/period-aggregate.ts'
import { readTrends } from '../../src/queries/trends-request.ts'
import { PeriodFold } from '../support/period-fold.ts'
import { ask, folded, histories, queryOf, submissions } from './trends-of-events.ts'

describe('what is kept in memory', () => {
  it('follows the projection, reading only what has changed', () =>
    fc.assert(
      fc.asyncProperty(histories, fc.array(fc.nat(), { maxLength: 5 }), async (events, stops) => {
        const fold = new PeriodFold()
        const query = queryOf(fold)
        const cuts = new Set(stops.map((stop) => stop % (events.length + 1)))
        for (const [index, event] of events.entries()) {
          fold.apply(event)
          if (index < 1 || !cuts.has(index)) continue
          for (const view of ['period', 'cumulative']) {
            const words = { view, bucket: 'month' }
            expect(await ask(query, words)).toEqual(await ask(queryOf(fold), words))
            const before = fold.read
            await ask(query, words)
            expect(fold.read).toBe(before)
          }
        }
      }),
      { numRuns: 50 },
    ))

  it('is read anew when the projection was set back', async () => {
    let fold = folded(submissions('2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z'))
    const periods: PeriodReader = {
      sums: (...given) => fold.sums(...given),
      aggregates: (...given) => fold.aggregates(...given),
    }
    const query = queryOf(fold, { periods })
    expect((await ask(query, { bucket: 'month' })).buckets[0]?.counted).toBe(2)
    fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    expect(await ask(query, { bucket: 'month' })).toMatchObject({
      position: '3',
      buckets: [{ counted: 1 }, {}],
    })
  })

  it('is read anew when another version of the projection has become live', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const query = queryOf(fold)
    await ask(query, { bucket: 'month' })
    fold.version++
    await ask(query, { bucket: 'month' })
    expect(fold.read).toBe(2)
  })

  it('is read once however many ask at the same time', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const query = queryOf(fold)
    await Promise.all(Array.from({ length: 20 }, () => ask(query, { bucket: 'month' })))
    expect(fold.read).toBe(1)
  })
})

/** Answers when it is told to, or never. */
function slowly(fold: PeriodFold) {
  const gate = Promise.withResolvers<void>()
  const signals: AbortSignal[] = []
  const periods: PeriodReader = {
    sums: async (poll, kind, options) => {
      signals.push(options.signal!)
      await Promise.race([gate.promise, aborted(options.signal!)])
      return await fold.sums(poll, kind, options)
    },
    aggregates: (...given) => fold.aggregates(...given),
  }
  return { periods, signals, go: gate.resolve }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe('whoever goes away', () => {
  it('ends the reading, if nobody else waits for it', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const { periods, signals, go } = slowly(fold)
    const query = queryOf(fold, { periods })
    const [first, second] = [new AbortController(), new AbortController()]
    const request = readTrends({ bucket: 'month' })
    const outcomes = [first, second].map(({ signal }) =>
      query.trends('one', request, signal).then(
        () => 'answered',
        (error: Error) => error.name,
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    first.abort()
    await outcomes[0]
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    second.abort()
    expect(await Promise.all(outcomes)).toEqual(['AbortError', 'AbortError'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    go()
    expect((await query.trends('one', request)).position).toBe(3n)
    expect(signals).toHaveLength(2)
  })
})

describe('given a projection that cannot be read', () => {
  const broken = (fold: PeriodFold) => {
    let isBroken = false
    const periods: PeriodReader = {
      sums: (...given) => (isBroken ? Promise.reject(new Error('away')) : fold.sums(...given)),
      aggregates: (...given) => fold.aggregates(...given),
    }
    return { periods, break: () => (isBroken = true) }
  }

  test('what was known last is answered, with its position', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const projection = broken(fold)
    const query = queryOf(fold, projection)
    const before = await ask(query, { bucket: 'month' })
    projection.break()
    for (let times = 0; times < 5; times++) expect(await ask(query, { bucket: 'month' })).toEqual(before)
  })

  test('and nothing known, it is told so', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const projection = broken(fold)
    projection.break()
    await expect(ask(queryOf(fold, projection), {})).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
  })

  test('a silent one keeps nobody waiting who can be shown something older', {
    timeout: 20_000,
  }, async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    let reader: PeriodReader = fold
    const query = queryOf(fold, {
      periods: {
        sums: (...given) => reader.sums(...given),
        aggregates: (...given) => fold.aggregates(...given),
      },
    })
    const before = await ask(query, { bucket: 'month' })
    reader = slowly(fold).periods
    const started = performance.now()
    for (let times = 0; times < 5; times++) expect(await ask(query, { bucket: 'month' })).toEqual(before)
    expect(performance.now() - started).toBeLessThan(4000)
  })
})
