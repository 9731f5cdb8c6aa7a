/** The table `parked_events`: what waits for an operator, of one version of the projection. */
import { type DatabasePool, type DatabaseTransactionConnection, sql } from 'slonik'
import { z } from 'zod'
import type { Position } from '../events/event-log.ts'
import { Fold } from './fold.ts'
import type { ParkedEventState } from './parked-events.ts'
import type { MutablePollAggregate } from './poll-aggregate.ts'
import type { ProjectionChange } from './projection-store.ts'

const position = z.string().transform(BigInt)
const PlaceRow = z.object({ position, poll: z.string().nullable() })
const StateRow = PlaceRow.extend({
  stream: z.string(),
  type: z.string(),
  error: z.string(),
  parked_at: z.coerce.number(),
})

/** A fold to go on with, which knows what is parked. */
export async function restoredFold(
  connection: DatabaseTransactionConnection,
  version: number,
  polls: Map<string, MutablePollAggregate>,
  unknown: number,
): Promise<Fold> {
  const fold = new Fold(polls, unknown)
  const rows = await connection.any(sql.unsafe`
    select position::text, poll from parked_events where version = ${version}`)
  for (const row of rows) {
    const { position, poll } = PlaceRow.parse(row)
    const parkedAt = polls.get(poll ?? '')?.parkedAt ?? fold.orphans
    parkedAt.add(position)
  }
  return fold
}

export async function writeParked(
  connection: DatabaseTransactionConnection,
  { version, parked }: Pick<ProjectionChange, 'version' | 'parked'>,
): Promise<void> {
  if (parked.length === 0) return
  const rows = parked.map(({ event, poll, error }) => [
    event.position,
    poll ?? null,
    event.stream,
    event.type,
    error,
  ])
  await connection.query(sql.unsafe`
    insert into parked_events (version, position, poll, stream, type, error)
    select ${version}, * from ${sql.unnest(rows, ['int8', 'text', 'text', 'text', 'text'])} as t
    on conflict (version, position) do update set error = excluded.error`)
}

/**
 * Takes away what is parked no more. What is counted from now on belongs to every state of the past since then: those
 * that are stored lack it, and are made again.
 */
export async function settleParked(
  connection: DatabaseTransactionConnection,
  { version, settled = [] }: Pick<ProjectionChange, 'version' | 'settled'>,
): Promise<void> {
  if (settled.length === 0) return
  const positions = sql.array(
    settled.map(({ position }) => position),
    'int8',
  )
  const gone = await connection.anyFirst(sql.unsafe`
    delete from parked_events where version = ${version} and position = any (${positions}) returning position::text`)
  const counted = new Set(settled.flatMap(({ type, position }) => (type === 'EventRetried' ? position : [])))
  const first = gone
    .map((text) => BigInt(text as string))
    .filter((position) => counted.has(position))
    .reduce<Position | undefined>(
      (least, each) => (least === undefined || each < least ? each : least),
      undefined,
    )
  if (first === undefined) return
  await connection.query(sql.unsafe`delete from poll_state_boundaries where position >= ${first}`)
  await connection.query(sql.unsafe`delete from poll_states where position >= ${first}`)
}

/** What is parked in the live version, oldest first. @param only at this position */
export async function readParked(pool: DatabasePool, only?: Position): Promise<ParkedEventState[]> {
  const here = only === undefined ? sql.fragment`true` : sql.fragment`e.position = ${only}`
  const rows = await pool.any(sql.unsafe`
    select e.position::text, e.poll, e.stream, e.type, e.error, extract(epoch from e.parked_at) * 1000 as parked_at
      from parked_events e
      join projections p on p.name = 'category-aggregate' and p.version = e.version and p.status = 'live'
     where ${here}
     order by e.position`)
  return rows.map((row) => {
    const { parked_at: parkedAt, poll, ...parked } = StateRow.parse(row)
    return { ...parked, poll: poll ?? undefined, parkedAt: new Date(parkedAt) }
  })
}
