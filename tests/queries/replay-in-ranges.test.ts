/** A replay in ranges, side by side and in any order, is one fold of everything: numbers, periods, parked events. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOpenedPoll } from '../../src/queries/ranges/opened-poll.ts'
import { foldRange, type RangeAnswer } from '../../src/queries/ranges/range-fold.ts'
import { type RangesOptions, replayInRanges } from '../../src/queries/ranges/replay-in-ranges.ts'
import { rangeFromLine, rangeToLine } from '../../src/queries/ranges/stored-range.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'
import { MemoryLog, recorded } from '../support/memory-log.ts'

const minute = (n: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * 60_000).toISOString()
const minutes = fc.nat({ max: 60 }).map(minute)

const replays = fc.record({
  acts: actions({ minLength: 5, maxLength: 80 }),
  times: fc.array(minutes, { minLength: 1, maxLength: 90 }),
  asOf: fc.option(minutes, { nil: undefined }),
  events: fc.integer({ min: 1, max: 20 }),
  jobs: fc.integer({ min: 1, max: 4 }),
  positionsPerEvent: fc.constantFrom(1n, 640n),
  /** So many ranges are done when it is broken off, and then gone on with. */
  broken: fc.option(fc.nat({ max: 8 })),
  scheduler: fc.scheduler(),
})

class Broken extends Error {}

describe('a replay in ranges', () => {
  it('is one fold of everything, also when it is broken off and gone on with', async () => {
    let again = 0
    await fc.assert(
      fc.asyncProperty(replays, async ({ acts, times, asOf, broken, scheduler, ...options }) => {
        const log = new MemoryLog(recorded(tell(acts), times))
        const readStream = async (stream: string) => log.events.filter((event) => event.stream === stream)
        const opened = (await findOpenedPoll({ readStream }, 'one', log.head))!
        const question = { opened, upTo: log.head, asOf, periods: true }
        const done: RangeAnswer[] = []
        const run = (extra: Partial<RangesOptions>) =>
          replayInRanges(question, {
            signal: new AbortController().signal,
            ...options,
            // As from a thread: nothing is shared, and who is first is chance.
            fold: async (range) =>
              structuredClone(await scheduler.schedule(foldRange(log, structuredClone(range)))),
            ...extra,
          })
        const replaying = (async () => {
          if (broken !== null)
            await run({
              onRange: async (answer) => {
                if (done.length >= broken) throw new Broken()
                done.push(rangeFromLine(rangeToLine(answer)))
              },
            }).catch((error: unknown) => {
              if (!(error instanceof Broken)) throw error
            })
          return await run({ done })
        })()
        const actual = await scheduler.waitFor(replaying)
        again += actual.again

        const expected = await replay(log, { poll: 'one', ...(asOf && { asOf }) })
        expect(plain(actual.poll)).toEqual(plain(expected.fold.polls.get('one')))
        const parkedAt = expected.parked.map(({ event }) => event.position)
        expect(actual.parked.map(({ position }) => position)).toEqual(parkedAt)
        const whole = await foldRange(log, {
          poll: opened,
          after: opened.openedAt,
          upTo: log.head,
          asOf,
          periods: true,
          base: structuredClone(opened) as never,
        })
        for (const kind of ['cast', 'change'] as const) {
          const { periods } = await actual.periods.sums('one', kind)
          for await (const batch of periods) {
            const inOrder = totals(whole.periods[kind])
            expect(batch).toEqual(inOrder)
          }
        }
      }),
      { numRuns: 300 },
    )
    // Histories in which something was parked that a range alone cannot know of.
    expect(again).toBeGreaterThan(0)
  })
})

/** The periods of one fold: in each kind one entry a start. */
function totals(periods: RangeAnswer['periods']['cast']) {
  const byStart = Map.groupBy(periods, ({ start }) => start)
  return [...byStart]
    .map(([start, parts]) => {
      const add = (of: (part: (typeof parts)[number]) => number) =>
        parts.reduce((sum, part) => sum + of(part), 0)
      const lists = (name: 'sums' | 'sumSquares') =>
        parts[0]![name].map((_, index) => add((part) => part[name][index]!))
      return {
        start,
        position: expect.any(BigInt),
        counted: add(({ counted }) => counted),
        excluded: add(({ excluded }) => excluded),
        withdrawn: add(({ withdrawn }) => withdrawn),
        sums: lists('sums'),
        sumSquares: lists('sumSquares'),
      }
    })
    .sort((a, b) => a.start - b.start)
}
