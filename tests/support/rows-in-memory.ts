/** Events and rows without a database, for what only reads them. */
import { decode } from '../../src/events/domain-events.ts'
import type { EventLog, Position, ReadAllOptions, RecordedEvent } from '../../src/events/event-log.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import type { RowsAt, SubmissionRow, SubmissionRows } from '../../src/projections/submission-rows.ts'
import { replay } from '../../src/queries/replay.ts'
import type { Answer, ResultsOptions, ResultsQuery } from '../../src/queries/results.ts'
import type { Append } from './history.ts'

type ReadableLog = Pick<EventLog, 'readAll' | 'head'>

/** The log that a history makes: every append once, at dense positions. */
export function logOf(appends: readonly Append[]): ReadableLog {
  const seen = new Set<string>()
  const events: RecordedEvent[] = []
  for (const { stream, expectedRevision, events: added } of appends)
    for (const event of added) {
      if (seen.has(event.id)) continue
      seen.add(event.id)
      const position = BigInt(events.length + 1)
      const recordedAt = '2026-01-01T00:00:00.000Z'
      events.push({ ...event, position, stream, revision: expectedRevision + 1, metadata: {}, recordedAt })
    }
  return {
    head: async () => BigInt(events.length),
    readAll: async function* ({ after, upTo = BigInt(events.length) }: ReadAllOptions) {
      yield events.filter(({ position }) => position > after && position <= upTo)
    },
  }
}

/** The results of a log, by a replay in this thread. */
export const resultsOf = (log: ReadableLog): Pick<ResultsQuery, 'results'> => ({
  results: async (poll: string, { position, asOf }: ResultsOptions = {}): Promise<Answer> => {
    const range = { ...(position !== undefined && { upTo: position }), ...(asOf !== undefined && { asOf }) }
    const { fold } = await replay(log as EventLog, range)
    return { tier: 'replay', aggregate: fold.polls.get(poll)! }
  },
})

interface Kept extends SubmissionRow {
  readonly poll: string
  counts: boolean
}

const BATCH = 7

/** The rows of a log, read anew at each question, submission by submission. */
export class RowsInMemory implements SubmissionRows {
  readonly #log: ReadableLog
  /** Categories are those of the poll's opening. */
  readonly #categories = new Map<string, string[]>()

  constructor(log: ReadableLog) {
    this.#log = log
  }

  checkpoint(): Promise<Position> {
    return this.#log.head()
  }

  async *rows(
    poll: string,
    at: RowsAt,
    { after = 0n, limit = Number.MAX_SAFE_INTEGER, signal }: Parameters<SubmissionRows['rows']>[2] = {},
  ): AsyncGenerator<readonly SubmissionRow[]> {
    const submissions = new Map<string, Kept>()
    for await (const batch of this.#log.readAll({ after: 0n, upTo: at.position }))
      for (const event of batch) this.#apply(submissions, event, at.asOf)
    const rows = [...submissions.values()]
      .filter((row) => row.poll === poll && row.counts && row.position > after)
      .sort((a, b) => Number(a.position - b.position))
      .slice(0, limit)
    for (let start = 0; start < rows.length; start += BATCH) {
      signal?.throwIfAborted()
      yield rows.slice(start, start + BATCH)
    }
  }

  #apply(submissions: Map<string, Kept>, event: RecordedEvent, asOf: string | undefined): void {
    const { stream, position } = event
    if (event.type === 'SomethingFromTheFuture') return
    const decoded = decode(event)
    if (decoded.type === 'EventRetried' || decoded.type === 'EventSkipped') return
    const { data } = decoded
    if (decoded.type === 'PollOpened') {
      this.#categories.set(
        data.poll,
        decoded.data.categories.map(({ id }) => id),
      )
      return
    }
    if (asOf !== undefined && data.occurredAt > asOf) return
    const sharesOf = (allocation: Allocation) =>
      this.#categories.get(data.poll)!.map((id) => allocation[id] ?? 0)
    const known = submissions.get(stream)
    const changed = { position, changedAt: data.occurredAt }
    switch (decoded.type) {
      case 'AllocationSubmitted': {
        const { poll, occurredAt, allocation } = decoded.data
        const pseudonym = stream.replace('submission-', '').replaceAll('-', '')
        const shares = sharesOf(allocation)
        submissions.set(stream, {
          ...changed,
          poll,
          pseudonym,
          submittedAt: occurredAt,
          shares,
          counts: true,
        })
        return
      }
      case 'AllocationRevised':
        submissions.set(stream, { ...known!, ...changed, shares: sharesOf(decoded.data.allocation) })
        return
      case 'AllocationWithdrawn':
      case 'SubmissionExcluded':
        // A broken event takes back what this submission never gave.
        if (sharesOf(decoded.data.replaces).join() === known!.shares.join()) known!.counts = false
        return
      case 'SubmissionReinstated':
        submissions.set(stream, { ...known!, ...changed, counts: true })
        return
      default:
        return
    }
  }
}
