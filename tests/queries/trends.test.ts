/** Trends of arbitrary histories, held against folding their events the plain way. */
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it, test } from 'vitest'
import { Problem } from '../../src/errors.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import { Fold } from '../../src/projections/fold.ts'
import { bucketKinds } from '../../src/queries/calendar.ts'
import { resultsView } from '../../src/queries/results-view.ts'
import { readTrends, type TrendsWords } from '../../src/queries/trends-request.ts'
import { ask, folded, histories, queryOf, submissions } from './trends-of-events.ts'

/** What the events up to a moment fold to. */
function foldUntil(events: readonly RecordedEvent[], instant: number) {
  const fold = new Fold()
  for (const event of events)
    if (event.type === 'PollOpened' || Date.parse((event.data as Data).occurredAt) < instant)
      fold.apply(event)
  return fold.polls.get('one')!
}

interface Data {
  readonly poll: string
  readonly occurredAt: string
  readonly allocation?: Allocation
  readonly replaces?: Allocation
}
interface Submission {
  readonly cast: number
  readonly allocation: Allocation
  readonly status: 'counted' | 'excluded' | 'withdrawn'
}

/** How every submission stands at the end. */
function submissionsOf(events: readonly RecordedEvent[]): Submission[] {
  const submissions = new Map<string, Submission>()
  const statuses: Record<string, Submission['status']> = {
    AllocationWithdrawn: 'withdrawn',
    SubmissionExcluded: 'excluded',
    SubmissionReinstated: 'counted',
  }
  for (const { stream, type, data } of events) {
    const { poll, occurredAt, allocation, replaces } = data as Data
    if (poll !== 'one' || replaces?.a === 1) continue
    const before = submissions.get(stream)
    if (type === 'AllocationSubmitted')
      submissions.set(stream, { cast: Date.parse(occurredAt), allocation: allocation!, status: 'counted' })
    else if (before)
      submissions.set(stream, {
        ...before,
        allocation: allocation ?? before.allocation,
        status: statuses[type] ?? before.status,
      })
  }
  return [...submissions.values()]
}

const zones = fc.constantFrom(
  'UTC',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
)
const kinds = fc.constantFrom(...bucketKinds)
/** The part of a local time that all of a bucket share. */
const label = (instant: number, zone: string, bucket: string) => {
  const at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
  const labels: Record<string, () => string> = {
    hour: () => `${at.toPlainDate()} ${at.hour} ${at.offset}`,
    day: () => at.toPlainDate().toString(),
    week: () => `${at.yearOfWeek} ${at.weekOfYear}`,
    month: () => at.toPlainDate().toPlainYearMonth().toString(),
  }
  return labels[bucket]!()
}

describe('the period view', () => {
  it('gives what people first cast in each bucket want now; all buckets add up to everyone', () =>
    fc.assert(
      fc.asyncProperty(histories, zones, kinds, async (events, zone, bucket) => {
        const view = await ask(queryOf(folded(events)), { tz: zone, bucket, view: 'period' })
        const submissions = submissionsOf(events)
        for (const { startUtc, counted, excluded, withdrawn, sums, means } of view.buckets) {
          const name = label(Date.parse(startUtc), zone, bucket)
          const own = submissions.filter(({ cast }) => label(cast, zone, bucket) === name)
          const valid = own.filter(({ status }) => status === 'counted')
          expect({ counted, excluded, withdrawn }).toEqual({
            counted: valid.length,
            excluded: own.filter(({ status }) => status === 'excluded').length,
            withdrawn: own.filter(({ status }) => status === 'withdrawn').length,
          })
          const sum = (id: string) => valid.reduce((partial, { allocation }) => partial + allocation[id]!, 0)
          expect(sums).toEqual(['a', 'b', 'c'].map(sum))
          expect(means).toEqual(sums.map((each) => (counted === 0 ? null : each / counted)))
        }
        const everyone = view.buckets.reduce((partial, { counted }) => partial + counted, 0)
        expect(everyone).toBe(submissions.filter(({ status }) => status === 'counted').length)
      }),
      { numRuns: 100 },
    ))
})

describe('the cumulative view', () => {
  it('gives the collective budget as it stood at the end of each bucket, and ends with the results', () =>
    fc.assert(
      fc.asyncProperty(histories, zones, kinds, async (events, zone, bucket) => {
        const fold = folded(events)
        const view = await ask(queryOf(fold), { tz: zone, bucket, view: 'cumulative' })
        // Every one of hundreds of hours would be folded anew: some will do.
        const some = view.buckets.filter((_, index, { length }) => index % Math.ceil(length / 20) === 0)
        for (const { endUtc, counted, excluded, withdrawn, sums } of some) {
          const then = foldUntil(events, Date.parse(endUtc))
          expect({ counted, excluded, withdrawn, sums }).toEqual({
            ...{ counted: then.counted, excluded: then.excluded, withdrawn: then.withdrawn },
            sums: then.categories.map((category) => category.sum),
          })
        }
        const aggregate = fold.whole.polls.get('one')!
        const results = resultsView({ tier: 'projection', aggregate })
        const { counted, excluded, withdrawn, sums, means } = view.buckets.at(-1)!
        expect({ counted, excluded, withdrawn }).toEqual(results.submissions)
        expect(sums).toEqual(results.categories.map(({ sum }) => sum))
        expect(means).toEqual(results.categories.map(({ mean }) => mean))
      }),
      { numRuns: 100 },
    ))

  it('starts from everything before the range', async () => {
    const query = queryOf(folded(submissions('2026-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z')))
    const words = { from: '2026-02-01', to: '2026-03-31', bucket: 'month', view: 'cumulative' }
    expect((await ask(query, words)).buckets.map(({ counted }) => counted)).toEqual([1, 2])
    const period = await ask(query, { ...words, view: 'period' })
    expect(period.buckets.map(({ counted, means }) => [counted, means[0]])).toEqual([
      [0, null],
      [1, 10_000],
    ])
  })
})

describe('full detail', () => {
  it('gives the statistics that the results of the same submissions have', () =>
    fc.assert(
      fc.asyncProperty(histories, fc.constantFrom('week', 'month'), async (events, bucket) => {
        const fold = folded(events)
        const words = { bucket, view: 'cumulative', detail: 'full' }
        const view = await ask(queryOf(fold), words)
        expect({
          ...view,
          buckets: view.buckets.map(({ statistics, truthful, disagreement, ...rest }) => rest),
        }).toEqual(await ask(queryOf(fold), { ...words, detail: 'sums' }))
        for (const { endUtc, truthful, statistics } of view.buckets) {
          const aggregate = foldUntil(events, Date.parse(endUtc))
          const results = resultsView({ tier: 'projection', aggregate })
          expect(truthful).toEqual({ t: results.truthful.t })
          expect(statistics).toEqual(
            results.categories.map(({ id, label, sum, mean, histogram, ...rest }) => rest),
          )
        }
      }),
      { numRuns: 50 },
    ))

  it('is of the position of what was read, though events arrive meanwhile', async () => {
    const fold = folded(submissions('2026-05-01T00:00:00.000Z'))
    const query = queryOf(fold)
    const trends = await query.trends('one', readTrends({ bucket: 'month', detail: 'full' }))
    const [, , later] = submissions('2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z').slice(-3)
    fold.apply({ ...later!, position: 9n })
    const detailed = await query.detailed(trends)
    expect([trends.position, detailed.position]).toEqual([3n, 9n])
    expect([trends.rows[0], detailed.rows[0]]).toEqual([1, 2])
  })
})

describe('a range', () => {
  const events = submissions('2026-03-01T10:00:00.000Z', '2026-05-31T23:00:00.000Z')
  const query = queryOf(folded(events))

  test('is from the first submission to now, by a bucket that fits, in UTC, unless something else is asked', async () => {
    const view = await ask(query, {})
    expect(view).toMatchObject({ bucket: 'day', tz: 'UTC', view: 'period', position: '4' })
    expect([view.from, view.to]).toEqual(['2026-03-01T00:00:00+00:00', '2026-06-02T00:00:00+00:00'])
    expect(view.buckets.map(({ complete }) => complete)).toEqual([...Array(92).fill(true), false])
  })

  test.each([
    [{ from: '2026-05-31', to: '2026-06-01' }, 'hour', 36],
    [{ from: '2025-01-01' }, 'week', 75],
    [{ from: '2020-01-01' }, 'month', 78],
  ])('%j is by %s', async (words, bucket, buckets) => {
    const view = await ask(query, words)
    expect([view.bucket, view.buckets.length]).toEqual([bucket, buckets])
  })

  test('in days holds its last day; in instants it ends before the last', async () => {
    const tz = 'America/New_York'
    const days = await ask(query, { from: '2026-03-01', to: '2026-03-02', bucket: 'day', tz })
    expect([days.from, days.to]).toEqual(['2026-03-01T00:00:00-05:00', '2026-03-03T00:00:00-05:00'])
    const instants = { from: '2026-03-01T00:00:00-05:00', to: '2026-03-02T00:00:00-05:00' }
    expect((await ask(query, { ...instants, bucket: 'day', tz })).buckets).toHaveLength(1)
  })

  test('that begins and ends within buckets is widened to them', async () => {
    const view = await ask(query, {
      from: '2026-03-15T10:20:00Z',
      to: '2026-04-10T01:02:03Z',
      bucket: 'month',
    })
    expect([view.from, view.to]).toEqual(['2026-03-01T00:00:00+00:00', '2026-05-01T00:00:00+00:00'])
  })

  test('beyond now ends with the bucket of now, which is not over', async () => {
    const words = { from: '2026-05-31', to: '2030-01-01', bucket: 'day' }
    expect((await ask(query, words)).buckets.map(({ complete }) => complete)).toEqual([true, false])
    const { buckets } = await ask(query, {
      from: '2026-06-01T11:00:00Z',
      to: '2026-06-01T20:00:00Z',
      bucket: 'hour',
    })
    expect(buckets.map(({ complete }) => complete)).toEqual([true])
  })

  test('holds what occurred by a clock that is ahead of ours', async () => {
    const ahead = queryOf(folded(submissions('2026-06-01T12:20:00.000Z')))
    const { buckets } = await ask(ahead, { bucket: 'hour', view: 'cumulative' })
    expect(buckets.map(({ counted, complete }) => [counted, complete])).toEqual([[1, false]])
  })

  test('of a poll in which nobody has taken part is the present', async () => {
    const { buckets, bucket } = await ask(query, {}, 'two')
    expect([bucket, buckets.map(({ counted }) => counted)]).toEqual(['hour', [0]])
  })

  test.each([
    [{ bucket: 'year' }, 'bucket wrong-format'],
    [{ view: 'total' }, 'view wrong-format'],
    [{ detail: 'most' }, 'detail wrong-format'],
    [{ from: 'yesterday' }, 'from wrong-format'],
    [{ from: '2026-02-30' }, 'from wrong-format'],
    [{ to: '2026-02-01T00:00:00' }, 'to wrong-format'],
    [{ from: '' }, 'from wrong-format'],
    [{ tz: 'Europe/Brelin' }, 'tz unknown-zone'],
    [{ tz: '+05:30' }, 'tz unknown-zone'],
    [{ from: '1969-12-31' }, 'from past'],
    [{ from: '2026-06-02' }, 'from future'],
    [{ from: '2026-05-02', to: '2026-05-01' }, 'from contradiction'],
    [{ from: '2026-05-01T00:00:01Z', to: '2026-05-01T00:00:00Z' }, 'from contradiction'],
    [{ from: '2021-01-01', bucket: 'hour' }, 'bucket too-fine'],
    [{ from: '2021-01-01', bucket: 'day', detail: 'full' }, 'bucket too-fine'],
    [{ from: 'x', to: 'x', tz: 'x' }, 'tz unknown-zone, from wrong-format, to wrong-format'],
  ])('%j is refused: %s', async (words, expected) => {
    const refused = await ask(query, words as TrendsWords).catch((error: Problem) => error)
    expect(refused).toBeInstanceOf(Problem)
    const { code, errors } = refused as Problem
    expect([code, errors.map(({ field, code }) => `${field} ${code}`).join(', ')]).toEqual([
      'INVALID_REQUEST',
      expected,
    ])
  })

  test('that is too fine is told what to choose instead', async () => {
    await expect(ask(query, { from: '2021-01-01', bucket: 'hour' })).rejects.toThrow(
      'about 47,460 hours, and at most 5,000 are given. Choose day or week or month, or a shorter range.',
    )
  })
})
