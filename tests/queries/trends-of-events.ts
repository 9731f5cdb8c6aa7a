/** Trends of events that are folded in memory, as of a fixed moment. */
import { Problem } from '../../src/errors.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { submissionStream } from '../../src/events/submission-events.ts'
import type { PeriodReader } from '../../src/projections/period-aggregate.ts'
import { TrendsQuery } from '../../src/queries/trends.ts'
import { readTrends, type TrendsWords } from '../../src/queries/trends-request.ts'
import { TrendsView, trendsView } from '../../src/queries/trends-view.ts'
import { actions, tell } from '../support/history.ts'
import { PeriodFold } from '../support/period-fold.ts'
import { recorded } from '../support/recorded.ts'

const NOW = '2026-06-01T12:00:00.000Z'

export function queryOf(fold: PeriodFold, { now = NOW, periods = fold as PeriodReader } = {}): TrendsQuery {
  const poll = async (name: string) => {
    const known = fold.whole.polls.get(name)
    if (!known) throw new Problem('POLL_NOT_FOUND')
    return known
  }
  return new TrendsQuery({ periods, results: { poll }, now: () => new Date(now) })
}

export async function ask(query: TrendsQuery, words: TrendsWords, poll = 'one'): Promise<TrendsView> {
  const trends = await query.trends(poll, readTrends(words))
  return TrendsView.parse(trendsView(words.detail === 'full' ? await query.detailed(trends) : trends))
}

/** Arbitrary histories over some months; `after` is hours, not seconds. */
export const histories = actions({ maxLength: 80 }).map((acts) =>
  recorded(tell(acts.map((act) => ({ ...act, after: act.after * 3600 })))),
)

export function folded(events: readonly RecordedEvent[]): PeriodFold {
  const fold = new PeriodFold()
  for (const event of events) fold.apply(event)
  return fold
}

/** Two polls, and submissions to the first at these times. */
export function submissions(...times: readonly string[]): RecordedEvent[] {
  const cast = times.map((occurredAt, index) => ({
    stream: submissionStream(`00000000-0000-4000-8000-00000000000${index}`),
    expectedRevision: -1,
    events: [
      {
        id: `00000000-0000-4000-9000-00000000000${index}`,
        type: 'AllocationSubmitted',
        schemaVersion: 1,
        data: { poll: 'one', allocation: { a: 10_000, b: 0, c: 0 }, via: 'api', receiptHash: '', occurredAt },
      },
    ],
  }))
  return recorded([...tell([]), ...cast])
}
