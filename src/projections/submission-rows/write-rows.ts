import type pg from 'pg'
import type { Position } from '../../events/event-log.ts'
import { CheckpointMoved, VersionReplaced } from '../read-model.ts'
import { copyRows, instant } from './copy-rows.ts'
import type { SubmissionHistory } from './submission-history.ts'
import type { TemporalRow } from './temporal-row.ts'

/** Its name among the projections. */
export const SUBMISSIONS = 'submissions'

/** A step of one version from one position to another. */
export interface Step {
  readonly version: number
  readonly from: Position
  readonly to: Position
  /** Events between them that are passed over because their name or version is not known. */
  readonly unknown: number
}

/** @throws {CheckpointMoved} if the version is not at `from`, or is neither live nor being built any more */
export async function moveCheckpoint(
  client: pg.ClientBase,
  { version, from, to, unknown }: Step,
): Promise<void> {
  const { rowCount } = await client.query(
    `update projections set position = $1, unknown = unknown + $2
      where name = $3 and version = $4 and position = $5 and status in ('live', 'building')`,
    [to, unknown, SUBMISSIONS, version, from],
  )
  if (rowCount === 1) return
  const retired = await client.query(
    `select from projections where name = $1 and version = $2 and status = 'retired'`,
    [SUBMISSIONS, version],
  )
  if (retired.rowCount === 1) throw new VersionReplaced(SUBMISSIONS, version)
  throw new CheckpointMoved(`the checkpoint of version ${version} of ${SUBMISSIONS} is no longer at ${from}`)
}

/** Stores what a history has changed. @throws if a stored row that ends is not there */
export async function writeHistory(
  client: pg.ClientBase,
  version: number,
  { opened, remade, added, ended }: Pick<SubmissionHistory, 'opened' | 'remade' | 'added' | 'ended'>,
): Promise<void> {
  await insertPolls(client, version, opened)
  if (remade.size > 0)
    await client.query('delete from submission_rows where version = $1 and submission = any ($2::uuid[])', [
      version,
      [...remade],
    ])
  if (added.length > 0) await copyRows(client, version, added)
  if (ended.length > 0) await writeEnds(client, version, ended)
}

export async function insertPolls(
  client: pg.ClientBase,
  version: number,
  opened: SubmissionHistory['opened'],
): Promise<void> {
  for (const definition of opened)
    await client.query('insert into submission_row_polls (version, poll, definition) values ($1, $2, $3)', [
      version,
      definition.poll,
      JSON.stringify(definition),
    ])
}

async function writeEnds(
  client: pg.ClientBase,
  version: number,
  rows: readonly TemporalRow[],
): Promise<void> {
  const { rowCount } = await client.query(
    `update submission_rows r set to_position = e.to_position, to_time = e.to_time, ending = e.ending
       from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
         as e (submission, from_position, to_position, to_time, ending)
      where r.version = $1 and r.submission = e.submission and r.from_position = e.from_position`,
    [
      version,
      rows.map(({ submission }) => submission),
      rows.map(({ from }) => from),
      rows.map(({ end }) => end!.position),
      rows.map(({ end }) => instant(end!.time)),
      rows.map(({ end }) => end!.how),
    ],
  )
  if (rowCount !== rows.length) throw new Error(`${rows.length} rows end, but ${rowCount} were there`)
}
