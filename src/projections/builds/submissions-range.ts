/** Ranges of the rows of submissions: those that begin in a range are written beside others, changes of earlier ones put off. */
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import type { EventLog, RecordedEvent } from '../../events/event-log.ts'
import { PollDefinition } from '../../events/poll-events.ts'
import { endClient } from '../../postgres/end-client.ts'
import { applyAll, type Decoded, decodeAll, storiesOf } from '../submission-rows/apply-events.ts'
import { copyRows } from '../submission-rows/copy-rows.ts'
import { putOff } from '../submission-rows/put-off.ts'
import { SubmissionHistory } from '../submission-rows/submission-history.ts'
import { submissionOf } from '../submission-rows/temporal-row.ts'
import { insertPolls, moveCheckpoint } from '../submission-rows/write-rows.ts'
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
  const events: RecordedEvent[] = []
  const reached = await readRange(sources.log, range, options, (batch) => events.push(...batch))
  const { decoded, unknown } = decodeAll(events)
  const parts = split(decoded)
  const stories = await storiesOf(sources.log, parts.opening)
  const client = await connect(sources.databaseUrl)
  const write = async (polls: ReadonlyMap<string, PollDefinition>) => {
    const history = new SubmissionHistory(new Map(polls))
    applyAll(history, parts.begun, stories)
    await client.query('begin; set local synchronous_commit = off')
    if (history.added.length > 0) await copyRows(client, version, history.added)
    await putOff(client, version, parts.changes, false)
  }
  const commit = async () => {
    try {
      const stored = await storedPolls(client, version)
      const again = !isDeepStrictEqual(stored, known)
      if (again) {
        await client.query('rollback')
        await write(stored)
      }
      await moveCheckpoint(client, { version, from: range.after, to: reached.position, unknown })
      const { opened, by } = openedBy(parts.opening, stories, stored)
      await insertPolls(client, version, opened)
      await putOff(client, version, by, true)
      await client.query('commit')
      return again
    } finally {
      await endClient(client)
    }
  }
  try {
    await write(known)
  } catch (error) {
    await endClient(client)
    throw error
  }
  return { ...reached, commit, giveUp: () => endClient(client) }
}

interface Parts {
  /** Whatever happens here to submissions that begin here, and to polls. */
  readonly begun: readonly Decoded[]
  /** What changes rows of other submissions, or may change any row of its own: it is tried again. */
  readonly changes: readonly RecordedEvent[]
  /** What may open polls. */
  readonly opening: readonly Decoded[]
}

function split(decoded: readonly Decoded[]): Parts {
  const beginning = new Set<string>()
  for (const { event } of decoded) if (event.revision === 0) beginning.add(event.stream)
  for (const { data } of decoded)
    if (data.type === 'EventRetried') beginning.delete(data.data.event?.stream ?? '')
  const [begun, changes, opening] = [[] as Decoded[], [] as RecordedEvent[], [] as Decoded[]]
  for (const each of decoded) {
    const { event, data } = each
    const tried = data.type === 'EventRetried' ? data.data.event : undefined
    if (tried && submissionOf(tried)) changes.push(event)
    else if (tried || data.type === 'PollOpened') {
      opening.push(each)
      begun.push(each)
    } else if (beginning.has(event.stream)) begun.push(each)
    else if (submissionOf(event)) changes.push(event)
  }
  return { begun, changes, opening }
}

/** @param polls those that are open before @returns the polls that are opened, and by which events */
function openedBy(
  opening: readonly Decoded[],
  stories: Awaited<ReturnType<typeof storiesOf>>,
  polls: ReadonlyMap<string, PollDefinition>,
) {
  const history = new SubmissionHistory(new Map(polls))
  const by: RecordedEvent[] = []
  for (const each of opening) {
    const before = history.opened.length
    applyAll(history, [each], stories)
    if (history.opened.length > before) by.push(each.event)
  }
  return { opened: history.opened, by }
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
