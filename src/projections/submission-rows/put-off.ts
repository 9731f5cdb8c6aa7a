/** The table `submission_row_changes`: events that wait until the rows that they change can be found. */
import type pg from 'pg'
import type { Position, RecordedEvent } from '../../events/event-log.ts'
import { CheckpointMoved } from '../read-model.ts'
import { SUBMISSIONS } from './write-rows.ts'

/** @param ofPoll they open polls: these stay until all is applied */
export async function putOff(
  client: pg.ClientBase,
  version: number,
  events: readonly RecordedEvent[],
  ofPoll: boolean,
): Promise<void> {
  if (events.length === 0) return
  await client.query(
    `insert into submission_row_changes
       (version, position, stream, revision, id, type, schema_version, data, recorded_at, of_poll)
     select $1, e.*, $2
       from unnest($3::bigint[], $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::smallint[], $9::json[],
                   $10::timestamptz[]) as e`,
    [
      version,
      ofPoll,
      events.map(({ position }) => position),
      events.map(({ stream }) => stream),
      events.map(({ revision }) => revision),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ schemaVersion }) => schemaVersion),
      events.map(({ data }) => JSON.stringify(data)),
      events.map(({ recordedAt }) => recordedAt),
    ],
  )
}

/** As the driver reads them. */
interface ChangeRow extends Pick<RecordedEvent, 'stream' | 'id' | 'type' | 'data'> {
  readonly position: string
  readonly revision: string
  readonly schema_version: number
  readonly recorded_at: Date
  readonly of_poll: boolean
}

/** An event that waits. */
export interface Waiting {
  readonly event: RecordedEvent
  readonly ofPoll: boolean
}

/** What waits, in order, from just after a position. @param limit so many at most */
export async function readPutOff(
  client: pg.ClientBase,
  version: number,
  { after, limit }: { readonly after: Position; readonly limit: number },
): Promise<Waiting[]> {
  const { rows } = await client.query<ChangeRow>(
    `select position, stream, revision, id, type, schema_version, data, recorded_at, of_poll
       from submission_row_changes where version = $1 and position > $2 order by position limit $3`,
    [version, after, limit],
  )
  return rows.map(waitingOf)
}

/** What opens polls, in order, whether it has been applied or not. */
export async function readPollsPutOff(client: pg.ClientBase, version: number): Promise<RecordedEvent[]> {
  const { rows } = await client.query<ChangeRow>(
    `select position, stream, revision, id, type, schema_version, data, recorded_at, of_poll
       from submission_row_changes where version = $1 and of_poll order by position`,
    [version],
  )
  return rows.map((row) => waitingOf(row).event)
}

function waitingOf(row: ChangeRow): Waiting {
  const { stream, id, type, data, schema_version: schemaVersion, of_poll: ofPoll } = row
  return {
    ofPoll,
    event: {
      ...{ stream, id, type, data, schemaVersion, metadata: {} },
      position: BigInt(row.position),
      revision: Number(row.revision),
      recordedAt: row.recorded_at.toISOString(),
    },
  }
}

/** Applied events wait no more. @throws {CheckpointMoved} if somebody else has applied them */
export async function settle(
  client: pg.ClientBase,
  version: number,
  waiting: readonly Waiting[],
): Promise<void> {
  const positions = waiting.filter(({ ofPoll }) => !ofPoll).map(({ event }) => event.position)
  const { rowCount } = await client.query(
    'delete from submission_row_changes where version = $1 and position = any ($2::bigint[])',
    [version, positions],
  )
  if (rowCount !== positions.length)
    throw new CheckpointMoved(`what waited for version ${version} of ${SUBMISSIONS} is applied already`)
}

/** Everything is applied. */
export async function settleAll(client: pg.ClientBase, version: number): Promise<void> {
  await client.query('delete from submission_row_changes where version = $1', [version])
}
