/** Ranges of the rows of submissions: those that begin in a range are written beside others, changes of earlier ones put off. */
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { EventLog } from '../../events/event-log.ts'
import { PollDefinition } from '../../events/poll-events.ts'
import { storiesOf } from '../submission-rows/apply-events.ts'
import { copyRows } from '../submission-rows/copy-rows.ts'
import { putOff } from '../submission-rows/put-off.ts'
import { RowsInRange } from '../submission-rows/rows-in-range.ts'
import { insertPolls, moveCheckpoint } from '../submission-rows/write-rows.ts'
import type { Range, Reached } from './build-jobs.ts'
import { type PreparedRange, type RangeOptions, readRange } from './prepared-range.ts'

export interface SubmissionsSources {
  readonly log: Pick<EventLog, 'readAll' | 'readStream'>
  /** Where rows are written. */
  readonly pool: pg.Pool
  /** The polls that were open at a position, as far as is known. */
  readonly knownPolls: (after: bigint) => Promise<readonly PollDefinition[]>
}

/**
 * Reads a range and writes the rows of those submissions that begin in it, as they are at its end, in a transaction that
 * stays open. The table has no indexes meanwhile, which would cost several times what the rows do: so what changes
 * rows from before the range is put off until all ranges are stored.
 */
export async function prepareSubmissionsRange(
  sources: SubmissionsSources,
  version: number,
  range: Range,
  options: RangeOptions,
): Promise<PreparedRange> {
  const known = byName(await sources.knownPolls(range.after))
  const folded = await foldRange(sources.log, range, known, options)
  const { events, position } = folded
  const { client, giveBack } = await borrow(sources.pool)
  const write = async ({ added, changes }: FoldedRows) => {
    await client.query('begin; set local synchronous_commit = off')
    if (added.length > 0) await copyRows(client, version, added)
    await putOff(client, version, changes, false)
  }
  const commit = async () => {
    let committed = false
    try {
      const stored = await storedPolls(client, version)
      const again = !isDeepStrictEqual(stored, known)
      const exact = { after: range.after, upTo: position }
      const right = again ? await foldRange(sources.log, exact, stored, options) : folded
      if (again) {
        await client.query('rollback')
        await write(right)
      }
      const { opened, openedBy, unknown } = right
      await moveCheckpoint(client, { version, from: range.after, to: position, unknown })
      await insertPolls(client, version, opened)
      await putOff(client, version, openedBy, true)
      await client.query('commit')
      committed = true
      return again
    } finally {
      giveBack(!committed)
    }
  }
  try {
    await write(folded)
  } catch (error) {
    giveBack(true)
    throw error
  }
  return { events, position, commit, giveUp: async () => giveBack(true) }
}

type FoldedRows = Reached & RowsInRange['outcome']

/** @param polls those that are open at its start */
async function foldRange(
  log: SubmissionsSources['log'],
  range: Range,
  polls: Polls,
  options: RangeOptions,
): Promise<FoldedRows> {
  const rows = new RowsInRange(polls)
  const reached = await readRange(log, range, options, (batch) => rows.apply(batch))
  if (rows.acts.length === 0) return { ...reached, ...rows.outcome }
  // What is tried again is to be known before the events that it is about: such a range is read twice.
  const stories = await storiesOf(log, rows.acts)
  const again = new RowsInRange(polls, rows.acts, stories)
  await readRange(log, { after: range.after, upTo: reached.position }, options, (batch) => again.apply(batch))
  return { ...reached, ...again.outcome }
}

type Polls = ReadonlyMap<string, PollDefinition>

const byName = (polls: readonly PollDefinition[]): Polls =>
  new Map(polls.map((definition) => [definition.poll, definition]))

async function storedPolls(client: pg.ClientBase, version: number): Promise<Polls> {
  const { rows } = await client.query('select definition from submission_row_polls where version = $1', [
    version,
  ])
  return byName(rows.map(({ definition }) => PollDefinition.parse(definition)))
}

/** A connection of which nothing more is known when something went wrong is not used again: what it wrote is undone. */
async function borrow(pool: pg.Pool) {
  const client = await pool.connect()
  // A lost connection fails the statement under way; without a listener it would end the process too.
  const ignore = () => {}
  client.on('error', ignore)
  const giveBack = (broken: boolean) => {
    client.off('error', ignore)
    client.release(broken)
  }
  return { client, giveBack }
}
