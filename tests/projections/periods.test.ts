/** Periods of arbitrary histories, beside a count by hand that shares no code with them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import { Fold } from '../../src/projections/fold.ts'
import { PERIOD_MS, type PeriodKind, periodKinds } from '../../src/projections/period-aggregate.ts'
import { PackedPeriods } from '../../src/projections/periods/packed-periods.ts'
import { emptyPart, mergePart, type PeriodPart } from '../../src/projections/periods/period.ts'
import { PeriodChanges } from '../../src/projections/periods/period-changes.ts'
import { unpackPart } from '../../src/projections/periods/period-row.ts'
import { plain } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'
import { recorded } from '../support/recorded.ts'

/** Long ones: fast-check's own choice is about ten acts, in which little is revised across periods. */
const histories = actions({ minLength: 60, maxLength: 120 }).map((acts) => recorded(tell(acts)))

/** The periods of these events, taken in pieces of so many. */
function periodsOf(events: readonly RecordedEvent[], size = Number.POSITIVE_INFINITY) {
  const [fold, changes, periods] = [new Fold(), new PeriodChanges(), new PackedPeriods()]
  fold.listener = changes
  for (const [index, event] of events.entries()) {
    fold.apply(event)
    if ((index + 1) % size === 0) periods.add(changes.take())
  }
  periods.add(changes.take())
  return { fold, periods }
}

/** Everything of one kind up to the end of a period added up. */
function total(periods: PackedPeriods, poll: string, kind: PeriodKind, before = Number.POSITIVE_INFINITY) {
  const sum: PeriodPart = emptyPart(3)
  for (const [start, period] of periods.polls.get(poll) ?? [])
    if (start < before && period[kind]) mergePart(sum, unpackPart(period[kind]))
  const { counted, excluded, withdrawn, categories } = sum
  return { counted, excluded, withdrawn, categories: plain({ categories } as never)?.categories }
}

const polls = ['one', 'two'] as const

const wholeOf = (fold: Fold, poll: string) => {
  const found = plain(fold.polls.get(poll))
  return found
    ? {
        counted: found.counted,
        excluded: found.excluded,
        withdrawn: found.withdrawn,
        categories: found.categories,
      }
    : total(new PackedPeriods(), poll, 'cast')
}

describe('periods of a history', () => {
  test.each(periodKinds)('of the kind %s add up to the aggregate', (kind) => {
    fc.assert(
      fc.property(histories, (events) => {
        const { fold, periods } = periodsOf(events)
        for (const poll of polls) expect(total(periods, poll, kind)).toEqual(wholeOf(fold, poll))
      }),
    )
  })

  test('by change, up to the end of any period, add up to the aggregate as of that moment', () => {
    fc.assert(
      fc.property(histories, fc.nat(20), (events, quarters) => {
        const { periods } = periodsOf(events)
        const end = Date.parse('2026-01-01T00:00:00.000Z') + quarters * PERIOD_MS
        const asOf = new Date(end - 1).toISOString()
        const before = new Fold()
        for (const event of events)
          if (event.type === 'PollOpened' || timeOf(event) <= asOf) before.apply(event)
        for (const poll of polls) expect(total(periods, poll, 'change', end)).toEqual(wholeOf(before, poll))
      }),
    )
  })

  test('are the same in whatever pieces they are taken', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 30 }), (events, size) => {
        expect(periodsOf(events, size).periods.polls).toEqual(periodsOf(events).periods.polls)
      }),
    )
  })

  test('by cast are the submissions first cast then, at their last value', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { fold, periods } = periodsOf(events)
        for (const poll of polls) {
          const byHand = sumsByHand(events, fold, poll)
          const sums = [...(periods.polls.get(poll) ?? [])].flatMap(([start, { cast }]) =>
            cast && cast.sums !== '{0,0,0}' ? [[start, cast.sums] as const] : [],
          )
          expect(new Map(sums)).toEqual(byHand)
        }
      }),
    )
  })
})

const timeOf = (event: RecordedEvent): string => (event.data as { occurredAt: string }).occurredAt

/** Start of a period → the sums of a, b and c over the submissions that count in the end. */
function sumsByHand(events: readonly RecordedEvent[], fold: Fold, poll: string): Map<number, string> {
  const last = new Map<string, { at: string; allocation: Allocation | undefined }>()
  const check = new Fold()
  for (const event of events) {
    const data = event.data as { poll: string; allocation?: Allocation }
    if (check.apply(event) || data.poll !== poll || !event.stream.startsWith('submission-')) continue
    if (event.type === 'SomethingFromTheFuture') continue
    const at = last.get(event.stream)?.at ?? timeOf(event)
    last.set(event.stream, { at, allocation: data.allocation })
  }
  const sums = new Map<number, number[]>()
  for (const { at, allocation } of last.values()) {
    if (!allocation) continue
    const minutes = Math.floor(Number(at.slice(14, 16)) / 15) * 15
    const start = Date.parse(`${at.slice(0, 14)}${String(minutes).padStart(2, '0')}:00.000Z`)
    const before = sums.get(start) ?? [0, 0, 0]
    sums.set(
      start,
      ['a', 'b', 'c'].map((id, index) => before[index]! + allocation[id]!),
    )
  }
  expect([...last.values()].filter(({ allocation }) => allocation)).toHaveLength(
    fold.polls.get(poll)?.counted ?? 0,
  )
  return new Map([...sums].map(([start, values]) => [start, `{${values}}`]))
}
