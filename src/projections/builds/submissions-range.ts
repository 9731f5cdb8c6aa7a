/** Ranges of the rows of submissions: those that begin in a range are written beside others, the rest in order. */
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import type { EventLog, RecordedEvent } from '../../events/event-log.ts'
import { PollDefinition } from '../../events/poll-events.ts'
import { endClient } from '../../postgres/end-client.ts'
import { applyAll, type Decoded, decodeAll, later, storiesOf } from '../submission-rows/apply-events.ts'
import { lastRows } from '../submission-rows/last-rows.ts'
import { SubmissionHistory } from '../submission-rows/submission-history.ts'
import { submissionOf } from '../submission-rows/temporal-row.ts'
import { moveCheckpoint, writeHistory } from '../submission-rows/write-rows.ts'
import type { Range } from './build-jobs.ts'
import { type PreparedRange, type RangeOptions, readRange } from './prepared-range.ts'

export interface SubmissionsSources {
  readonly log: Pick<EventLog, 'readAll' | 'readStream'>
  readonly databaseUrl: string
  /** The polls that were open at a position, as far as is known. */
  readonly knownPolls: (after: bigint) => Promise<readonly PollDefinition[]>
}

const CONNECT_MS = 5000

/**
 * Reads a range and writes the rows of those submissions whose whole history so far is in it, in a transaction that
 * stays open: nobody else touches them. What belongs to rows from before the range waits until these are stored.
 */
export async function prepareSubmissionsRange(
  sources: SubmissionsSources,
  version: number,
  range: Range,
  options: RangeOptions,
): Promise<PreparedRange> {
  const polls = await sources.knownPolls(range.after)
  const events: RecordedEvent[] = []
  const reached = await readRange(sources.log, range, options, (batch) => events.push(...batch))
  const { decoded, unknown } = decodeAll(events)
  const { begun, others } = split(decoded)
  const stories = await storiesOf(sources.log, decoded)
  const history = new SubmissionHistory(byName(polls))
  applyAll(history, begun)
  const client = await connect(sources.databaseUrl)
  try {
    await client.query('begin; set local synchronous_commit = off')
    await writeHistory(client, version, { ...historyOf(history), opened: [], remade: new Set() })
  } catch (error) {
    await endClient(client)
    throw error
  }
  const step = { version, from: range.after, to: reached.position, unknown }
  const commit = async () => {
    try {
      const stored = await storedPolls(client, version)
      // What is tried again may be of any submission, whose rows are all made anew then.
      const again = stories.size > 0 || !isDeepStrictEqual(stored, byName(polls))
      if (again) await client.query('rollback; begin; set local synchronous_commit = off')
      const rest = new SubmissionHistory(stored, await lastRows(client, version, later(events)))
      applyAll(rest, again ? decoded : others, stories)
      await moveCheckpoint(client, step)
      await writeHistory(client, version, rest)
      await client.query('commit')
      return again
    } finally {
      await endClient(client)
    }
  }
  return { ...reached, commit, giveUp: () => endClient(client) }
}

const historyOf = ({ added, ended }: SubmissionHistory) => ({ added, ended })

/** Which events belong to submissions that begin here. What happens to polls concerns both. */
function split(decoded: readonly Decoded[]): { begun: Decoded[]; others: Decoded[] } {
  const beginning = new Set(
    decoded.flatMap(({ event }) => (event.revision === 0 ? (submissionOf(event) ?? []) : [])),
  )
  const isBegun = ({ event }: Decoded) => beginning.has(submissionOf(event) ?? '')
  const isOfPoll = ({ data }: Decoded) => data.type === 'PollOpened'
  return {
    begun: decoded.filter((each) => isOfPoll(each) || isBegun(each)),
    others: decoded.filter((each) => isOfPoll(each) || !isBegun(each)),
  }
}

const byName = (polls: readonly PollDefinition[]): Map<string, PollDefinition> =>
  new Map(polls.map((definition) => [definition.poll, definition]))

async function storedPolls(client: pg.Client, version: number): Promise<Map<string, PollDefinition>> {
  const { rows } = await client.query('select definition from submission_row_polls where version = $1', [
    version,
  ])
  return byName(rows.map(({ definition }) => PollDefinition.parse(definition)))
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget build',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  })
  // A lost connection fails the statement under way; without a listener it would end the process too.
  client.on('error', () => {})
  await client.connect()
  return client
}
