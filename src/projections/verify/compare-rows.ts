/** Compares the rows of submissions with a replay, row by row. */
import { type EventLog, type Position, type RecordedEvent, START } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Difference } from '../diff-aggregates.ts'
import { applyAll, type Decoded, decodeAll, storiesOf } from '../submission-rows/apply-events.ts'
import { SubmissionHistory } from '../submission-rows/submission-history.ts'
import { submissionOf } from '../submission-rows/temporal-row.ts'
import { type IdRange, type WholeRow, wholeRow } from '../submission-rows/whole-rows.ts'
import type { CompareOptions } from './compare-with-replay.ts'

/** Rows that are stored, up to a position. */
export interface StoredRows {
  readonly position: Position
  /** How many submissions there are, about. */
  readonly submissions: number
  readonly read: (range: IdRange) => AsyncIterable<readonly WholeRow[]>
}

/** So many submissions are held in memory at a time, some 200 MB; for each the log is read once. */
const SUBMISSIONS_AT_ONCE = 300_000
/** So many differences of a poll are told one by one. */
const TOLD = 100

type Log = Pick<EventLog, 'readAll' | 'readStream'>

/** @returns what differs, by poll. @throws the signal's reason */
export async function compareRows(
  log: Log,
  { position, submissions, read }: StoredRows,
  { signal, onProgress }: CompareOptions,
  atOnce = SUBMISSIONS_AT_ONCE,
): Promise<ReadonlyMap<string, readonly Difference[]>> {
  const found = new RowFindings()
  const ranges = rangesOf(Math.max(1, Math.ceil(submissions / atOnce)))
  let events = 0
  for (const [index, range] of ranges.entries()) {
    const expected = await replayedRows(log, position, range, (batch) => {
      signal.throwIfAborted()
      events += batch.length
      onProgress((index + Number(batch.at(-1)!.position) / Number(position)) / ranges.length, events)
    })
    for await (const rows of read(range)) {
      signal.throwIfAborted()
      for (const row of rows) {
        const key = keyOf(row)
        found.compare(expected.get(key), row)
        expected.delete(key)
      }
    }
    for (const row of expected.values()) found.compare(row, undefined)
  }
  return found.byPoll()
}

const keyOf = ({ submission, from }: WholeRow): string => `${submission} ${from}`

/** The rows of some submissions, as the log gives them. */
async function replayedRows(
  log: Log,
  upTo: Position,
  range: IdRange,
  onBatch: (batch: readonly RecordedEvent[]) => void,
): Promise<Map<string, WholeRow>> {
  const history = new SubmissionHistory(new Map<string, PollDefinition>())
  const isMeant = (event: RecordedEvent): boolean => {
    const id = submissionOf(event)
    return id === undefined || isIn(range, id)
  }
  for await (const batch of log.readAll({ after: START, upTo })) {
    const { decoded } = decodeAll(batch.filter(isMeant))
    const stories = await storiesOf(log, decoded.filter(isRetried))
    for (const [act, story] of stories) if (story[0] && !isMeant(story[0].event)) stories.delete(act)
    applyAll(history, decoded, stories)
    onBatch(batch)
  }
  return new Map(history.added.map(wholeRow).map((row) => [keyOf(row), row]))
}

const isRetried = ({ data }: Decoded): boolean => data.type === 'EventRetried'

const isIn = ({ least, end }: IdRange, id: string): boolean => id >= least && (end === undefined || id < end)

/** Ids are spread evenly: their first four digits tell. */
function rangesOf(count: number): IdRange[] {
  const bound = (index: number): string => {
    const digits = Math.floor((index * 0x10000) / count).toString(16)
    return `${digits.padStart(4, '0')}0000-0000-0000-0000-000000000000`
  }
  return Array.from({ length: count }, (_, index) => ({
    least: bound(index),
    end: index + 1 < count ? bound(index + 1) : undefined,
  }))
}

class RowFindings {
  readonly #polls = new Map<string, { told: Difference[]; more: number }>()

  compare(expected: WholeRow | undefined, actual: WholeRow | undefined): void {
    if (expected?.text === actual?.text) return
    const { poll, submission, from } = (expected ?? actual)!
    const known = this.#polls.get(poll) ?? { told: [], more: 0 }
    this.#polls.set(poll, known)
    if (known.told.length >= TOLD) known.more++
    else
      known.told.push({
        what: `row of submission ${submission} from position ${from}`,
        expected: expected?.text ?? 'missing',
        actual: actual?.text ?? 'missing',
      })
  }

  byPoll(): Map<string, readonly Difference[]> {
    return new Map(
      [...this.#polls].map(([poll, { told, more }]) => {
        const rest = { what: 'rows of submissions', expected: 'all the same', actual: `${more} more differ` }
        return [poll, more > 0 ? [...told, rest] : told]
      }),
    )
  }
}
