/** Writes polls into the tables `poll_aggregates` and `category_aggregates`. */
import { type DatabaseTransactionConnection, sql } from 'slonik'
import type { PollAggregate } from './poll-aggregate.ts'

interface ChangedPolls {
  readonly version: number
  readonly polls: readonly PollAggregate[]
}

export async function writePolls(
  connection: DatabaseTransactionConnection,
  change: ChangedPolls,
): Promise<void> {
  if (change.polls.length === 0) return
  const rows = change.polls.map((poll) => [
    poll.definition.poll,
    JSON.stringify(poll.definition),
    poll.status,
    poll.openedAt,
    poll.position,
    poll.asOf,
    poll.parked,
    poll.counted,
    poll.excluded,
    poll.withdrawn,
  ])
  await connection.query(sql.unsafe`
    insert into poll_aggregates (version, opened_at, poll, definition, status, position, as_of, parked, counted, excluded, withdrawn)
    select ${change.version}, opened_at, poll, definition::json, status, position, as_of, parked, counted, excluded, withdrawn
      from ${sql.unnest(rows, ['text', 'text', 'text', 'int8', 'int8', 'text', 'int8', 'int8', 'int8', 'int8'])}
        as t (poll, definition, status, opened_at, position, as_of, parked, counted, excluded, withdrawn)
    on conflict (version, poll) do update
       set status = excluded.status, position = excluded.position, as_of = excluded.as_of, parked = excluded.parked,
           counted = excluded.counted, excluded = excluded.excluded, withdrawn = excluded.withdrawn`)
}

export async function writeCategories(
  connection: DatabaseTransactionConnection,
  change: ChangedPolls,
): Promise<void> {
  const rows = change.polls.flatMap((poll) =>
    poll.categories.map((category, ordinal) => {
      const histogram = JSON.stringify([...category.histogram].sort(([a], [b]) => a - b))
      const { id } = poll.definition.categories[ordinal]!
      const { count, sum, sumSquares } = category
      return [poll.definition.poll, id, ordinal, count, sum, sumSquares, histogram]
    }),
  )
  if (rows.length === 0) return
  await connection.query(sql.unsafe`
    insert into category_aggregates (version, poll, category, ordinal, count, sum, sum_squares, histogram)
    select ${change.version}, poll, category, ordinal, count, sum, sum_squares, histogram::json
      from ${sql.unnest(rows, ['text', 'text', 'int4', 'int8', 'int8', 'int8', 'text'])}
        as t (poll, category, ordinal, count, sum, sum_squares, histogram)
    on conflict (version, poll, category) do update
       set count = excluded.count, sum = excluded.sum, sum_squares = excluded.sum_squares,
           histogram = excluded.histogram`)
}
