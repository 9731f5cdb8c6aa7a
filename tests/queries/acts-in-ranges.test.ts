/** Operators' acts in a replay that is cut in pieces: in ranges on credit, and in states of the past. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldSegment } from '../../src/projections/poll-states/segment.ts'
import { readAggregate, writeAggregate } from '../../src/projections/stored-snapshot.ts'
import { answerPast } from '../../src/queries/past/answer-past.ts'
import { findOpenedPoll } from '../../src/queries/ranges/opened-poll.ts'
import { foldRange } from '../../src/queries/ranges/range-fold.ts'
import { replayInRanges } from '../../src/queries/ranges/replay-in-ranges.ts'
import { rangeFromLine, rangeToLine } from '../../src/queries/ranges/stored-range.ts'
import { replay } from '../../src/queries/replay.ts'
import { operatorsActs, withActs } from '../support/acts.ts'
import { plain, whole } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'
import { MemoryLog, recorded } from '../support/memory-log.ts'
import { MemoryStates } from '../support/memory-states.ts'

const histories = fc.record({
  acts: actions({ minLength: 40, maxLength: 80 }),
  operators: operatorsActs,
  size: fc.integer({ min: 1, max: 20 }),
  at: fc.nat(),
})

describe('acts about parked events', () => {
  it('lead to the same in ranges as in one fold of everything', async () => {
    let counted = 0
    await fc.assert(
      fc.asyncProperty(histories, async ({ acts, operators, size }) => {
        const history = withActs(recorded(tell(acts)), operators)
        counted += history.counted
        const log = new MemoryLog(history.events)
        const readStream = async (stream: string) => log.events.filter((event) => event.stream === stream)
        const opened = (await findOpenedPoll({ readStream }, 'one', log.head))!
        const { poll, parked } = await replayInRanges(
          { opened, upTo: log.head, periods: true },
          {
            signal: new AbortController().signal,
            jobs: 2,
            positionsPerEvent: 1n,
            events: size,
            fold: async (range) => {
              const answer = await foldRange(log, structuredClone(range))
              return answer.effect ? rangeFromLine(rangeToLine(answer)) : structuredClone(answer)
            },
          },
        )
        const expected = await replay(log, { poll: 'one' })
        expect(whole(poll)).toEqual(whole(expected.fold.polls.get('one')))
        expect(parked.map(({ position, error }) => [position, error])).toEqual(
          expected.parked.map(({ event, error }) => [event.position, error]),
        )
      }),
      { numRuns: 300 },
    )
    // Some of what was retried fitted by then.
    expect(counted).toBeGreaterThan(0)
  })

  it('lead to the same from stored states as in one fold of everything, at any position', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ acts, operators, size, at }) => {
        const { events } = withActs(recorded(tell(acts)), operators)
        const log = new MemoryLog(events)
        const boundaries = Array.from({ length: Math.floor(events.length / size) }, (_, n) =>
          BigInt((n + 1) * size),
        )
        const states = await MemoryStates.of(log, boundaries)
        const upTo = BigInt((at % events.length) + 1)
        const asked = { poll: 'one', upTo, maxEvents: 1000n, positionsPerEvent: 1n }
        const answer = await answerPast({ log, states }, asked)
        const { fold } = await replay(log, { upTo })
        expect(plain(answer)).toEqual(plain(fold.polls.get('one')))
      }),
      { numRuns: 200 },
    )
  })

  it('are kept with a state: what goes on from it is what goes on from the original', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ acts, operators, at }) => {
        const { events } = withActs(recorded(tell(acts)), operators)
        const log = new MemoryLog(events)
        const upTo = BigInt((at % events.length) + 1)
        const { fold } = await replay(log, { upTo })
        const base = [...fold.polls.values()].map((poll) => readAggregate(JSON.parse(writeAggregate(poll))))
        const segment = await foldSegment(log, { base, after: upTo, upTo: log.head })
        const expected = (await replay(log)).fold.polls
        for (const { state } of segment?.polls ?? [])
          expect(whole(state)).toEqual(whole(expected.get(state.definition.poll)))
      }),
      { numRuns: 200 },
    )
  })
})
