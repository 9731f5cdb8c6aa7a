/** Which submissions a filter means, and what they add up to, against the plainest way to find out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { negateCategory } from '../../src/projections/category-aggregate.ts'
import { copyPoll } from '../../src/projections/poll-aggregate.ts'
import { replay } from '../../src/queries/replay.ts'
import { IdSet } from '../../src/queries/selection/id-set.ts'
import {
  type SelectionAnswer,
  type SelectionQuestion,
  selectSubmissions,
} from '../../src/queries/selection/select-submissions.ts'
import { plain } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'
import { MemoryLog, recorded } from '../support/memory-log.ts'

const minute = (n: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * 60_000).toISOString()
const minutes = fc.nat({ max: 30 }).map(minute)

const repeated = fc.record({
  times: fc.integer({ min: 1, max: 4 }),
  minutes: fc.integer({ min: 1, max: 10 }),
})
const questions = fc.oneof(
  fc.record({ repeated }),
  fc.record(
    { from: minutes, to: minutes, via: fc.constantFrom('api', 'form', 'import'), repeated },
    { requiredKeys: [] },
  ),
)

/** So few that they meet. */
const given = [
  { a: 10_000, b: 0, c: 0 },
  { a: 0, b: 5000, c: 5000 },
]

interface Cast {
  readonly id: string
  readonly time: string
  readonly allocation: string
}

/** Everybody looks at everybody. */
function naive(events: readonly RecordedEvent[], question: Partial<SelectionQuestion>): string[] {
  const { from, to, via, repeated } = question
  const meant = events.flatMap(({ type, stream, data }): Cast[] => {
    if (type !== 'AllocationSubmitted') return []
    const cast = data as { poll: string; via: string; occurredAt: string; allocation: object }
    if (cast.poll !== 'one' || (via !== undefined && cast.via !== via)) return []
    if ((from !== undefined && cast.occurredAt < from) || (to !== undefined && cast.occurredAt >= to))
      return []
    return [
      {
        id: stream.slice('submission-'.length),
        time: cast.occurredAt,
        allocation: JSON.stringify(cast.allocation),
      },
    ]
  })
  if (!repeated) return meant.map(({ id }) => id)
  const length = repeated.minutes * 60_000
  const inWindow = (cast: Cast, other: Cast, start: string) => {
    const after = Date.parse(other.time) - Date.parse(start)
    return cast.allocation === other.allocation && after >= 0 && after <= length
  }
  return meant
    .filter((cast) =>
      meant.some(
        ({ time: start }) =>
          inWindow(cast, cast, start) &&
          meant.filter((other) => inWindow(cast, other, start)).length > repeated.times,
      ),
    )
    .map(({ id }) => id)
}

const idsOf = ({ ids }: SelectionAnswer) => [...IdSet.of(ids).slice()]

describe('a selection', () => {
  it('finds who meets all conditions, bursts included, in whatever order they came', async () => {
    let bursts = 0
    await fc.assert(
      fc.asyncProperty(
        actions({ minLength: 20, maxLength: 80 }),
        fc.array(minutes, { minLength: 1, maxLength: 90 }),
        questions,
        async (acts, times, question) => {
          const few = acts.map((act) => ({ ...act, allocation: given[act.which % 2]! }))
          const log = new MemoryLog(recorded(tell(few), times))
          const asked = { poll: 'one', upTo: log.head, ...question }
          const found = idsOf(await selectSubmissions(log, asked))
          const expected = naive(log.events, question)
          expect(found.toSorted()).toEqual(expected.toSorted())
          if (question.repeated && expected.length > 0) bursts++
        },
      ),
      { numRuns: 100, endOnFailure: true },
    )
    expect(bursts).toBeGreaterThan(3)
  })

  it('adds up those who count, those who are set aside and those who withdrew', async () => {
    await fc.assert(
      fc.asyncProperty(actions({ minLength: 20, maxLength: 80 }), fc.nat(), async (acts, cut) => {
        const events = recorded(tell(acts))
        const log = new MemoryLog(events)
        const to = (events[cut % events.length]!.data as { occurredAt: string }).occurredAt
        const chosen = await selectSubmissions(log, { poll: 'one', upTo: log.head, to })
        const ids = new Set(idsOf(chosen))
        // Without their events the poll is what it is when they are taken away.
        const others = events.filter(({ stream }) => !ids.has(stream.slice('submission-'.length)))
        const poll = (await replay(log)).fold.polls.get('one')!
        const without = (await replay(new MemoryLog(others))).fold.polls.get('one')!
        const difference = copyPoll(poll)
        difference.counted -= chosen.counted.count
        difference.excluded -= chosen.excluded.count
        difference.withdrawn -= chosen.withdrawn
        const left = {
          ...difference,
          categories: difference.categories.map((category, index) => {
            const merged = copyPoll({ ...poll, categories: [category] }).categories[0]!
            for (const [value, times] of negateCategory(chosen.counted.categories[index]!).histogram) {
              merged.count += times
              merged.sum += value * times
              merged.sumSquares += value * value * times
              const count = (merged.histogram.get(value) ?? 0) + times
              if (count === 0) merged.histogram.delete(value)
              else merged.histogram.set(value, count)
            }
            return merged
          }),
        }
        const { counted, excluded, withdrawn, categories } = plain(left)!
        expect({ counted, excluded, withdrawn, categories }).toEqual(
          (({ counted, excluded, withdrawn, categories }) => ({ counted, excluded, withdrawn, categories }))(
            plain(without)!,
          ),
        )
      }),
      { numRuns: 100, endOnFailure: true },
    )
  })

  it('of a poll that is not there has none', async () => {
    const log = new MemoryLog([])
    const answer = await selectSubmissions(log, { poll: 'one', upTo: 0n })
    expect(answer).toMatchObject({ poll: undefined, counted: { count: 0 }, withdrawn: 0 })
  })
})

describe('a set of ids', () => {
  it('has what was added once, in order, also when it was packed', () => {
    fc.assert(
      fc.property(fc.array(fc.uuid(), { maxLength: 6000, size: 'max' }), fc.uuid(), (added, other) => {
        const ids = new IdSet()
        for (const id of [...added, ...added]) ids.add(id)
        const expected = [...new Set(added)]
        for (const set of [ids, IdSet.of(ids.packed)]) {
          expect([...set.slice()]).toEqual(expected)
          expect(set.size).toBe(expected.length)
          expect(expected.every((id) => set.has(id))).toBe(true)
          expect(set.has(other)).toBe(expected.includes(other))
        }
        expect([...ids.slice(1, 3)]).toEqual(expected.slice(1, 3))
      }),
      { numRuns: 20 },
    )
  })
})
