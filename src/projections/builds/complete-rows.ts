/** A version of the rows whose ranges are all stored: it gets its indexes, and what had to wait for these is applied. */
import type pg from 'pg'
import type { EventLog } from '../../events/event-log.ts'
import { PollDefinition } from '../../events/poll-events.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { applyAll, decodeAll, later, storiesOf } from '../submission-rows/apply-events.ts'
import { partitionOf } from '../submission-rows/copy-rows.ts'
import { lastRows } from '../submission-rows/last-rows.ts'
import { readPollsPutOff, readPutOff, settle, settleAll } from '../submission-rows/put-off.ts'
import { SubmissionHistory } from '../submission-rows/submission-history.ts'
import { writeHistory } from '../submission-rows/write-rows.ts'

export interface CompletionSources {
  readonly log: Pick<EventLog, 'readStream'>
  readonly pool: ClientPool
}

export interface Completion {
  readonly version: number
  /** So many go into one transaction. */
  readonly maxEvents: number
  readonly signal: AbortSignal
}

const INDEX_DEADLINE_MS = 86_400_000
const COMMIT_DEADLINE_MS = 60_000

type Polls = Map<string, PollDefinition>

/**
 * Each step is a transaction and leaves behind what the next one begins with: killed in the middle, it goes on from there.
 * @throws {CheckpointMoved} if somebody else does the same
 * @throws the signal's reason
 */
export async function completeRows(sources: CompletionSources, completion: Completion): Promise<void> {
  const { version, signal } = completion
  const lent = { deadlineMs: INDEX_DEADLINE_MS, signal }
  await sources.pool.lend((client) => attach(client, version), lent)
  await applyChanges(sources, completion)
}

/** Has the version's table become a partition with the same indexes as the others: while it is none, nobody else reads it. */
async function attach(client: pg.ClientBase, version: number): Promise<void> {
  const partition = partitionOf(version)
  const attached = await client.query(
    `select from pg_inherits where inhparent = 'submission_rows'::regclass and inhrelid = $1::regclass`,
    [partition],
  )
  if (attached.rowCount === 1) return
  const keyed = await client.query('select from pg_index where indrelid = $1::regclass and indisprimary', [
    partition,
  ])
  const indexing = [
    ...(keyed.rowCount === 0
      ? [`alter table ${partition} add primary key (submission, from_position, version)`]
      : []),
    `create index if not exists ${partition}_poll_from_position_idx on ${partition} (poll, from_position)`,
    `create index if not exists ${partition}_pseudonym_idx on ${partition} (pseudonym)`,
    `analyze ${partition}`,
  ]
  for (const statement of indexing) await inOneGo(client, [MORE_MEMORY, statement])
  // `create table … partition of` would wait for every reader of the others.
  await inOneGo(client, [
    `alter table ${partition} reset (autovacuum_enabled)`,
    `alter table submission_rows attach partition ${partition} for values in (${version})`,
  ])
}

/** Sorts in memory what usual servers would sort on disk; one that is configured for more is left so. */
const MORE_MEMORY = `
  select set_config('maintenance_work_mem', '128MB', true)
   where pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('128MB')`

/** A crash may take the last transactions back; they are made again the same. */
async function inOneGo(client: pg.ClientBase, statements: readonly string[]): Promise<void> {
  await client.query(['begin', 'set local synchronous_commit = off', ...statements, 'commit'].join('; '))
}

async function applyChanges(
  { log, pool }: CompletionSources,
  { version, maxEvents, signal }: Completion,
): Promise<void> {
  const lent = { deadlineMs: COMMIT_DEADLINE_MS, signal }
  const polls = await pollsAtStart({ log, pool }, version, signal)
  for (let after = -1n; ; ) {
    signal.throwIfAborted()
    const waiting = await pool.lend(
      (client) => readPutOff(client, version, { after, limit: maxEvents }),
      lent,
    )
    if (waiting.length === 0) break
    after = waiting.at(-1)!.event.position
    const events = waiting.map(({ event }) => event)
    const { decoded } = decodeAll(events)
    const stories = await storiesOf(log, decoded)
    await pool.lend(async (client) => {
      await client.query('begin; set local synchronous_commit = off')
      await settle(client, version, waiting)
      const history = new SubmissionHistory(polls, await lastRows(client, version, later(events)))
      applyAll(history, decoded, stories)
      const { added, ended, remade } = history
      await writeHistory(client, version, { added, ended, remade, opened: [] })
      await client.query('commit')
    }, lent)
  }
  await pool.lend((client) => settleAll(client, version), lent)
}

/** Those that are open before anything that waits. */
async function pollsAtStart(
  { log, pool }: CompletionSources,
  version: number,
  signal: AbortSignal,
): Promise<Polls> {
  const { stored, opening } = await pool.lend(
    async (client) => ({
      stored: await client.query('select definition from submission_row_polls where version = $1', [version]),
      opening: await readPollsPutOff(client, version),
    }),
    { deadlineMs: COMMIT_DEADLINE_MS, signal },
  )
  const { decoded } = decodeAll(opening)
  const opened: Polls = new Map()
  applyAll(new SubmissionHistory(opened), decoded, await storiesOf(log, decoded))
  const polls = stored.rows.map(({ definition }) => PollDefinition.parse(definition))
  return new Map(polls.filter(({ poll }) => !opened.has(poll)).map((each) => [each.poll, each]))
}
