/** Writes polls into the tables `poll_aggregates` and `category_aggregates`. */
import { type DatabaseTransactionConnection, sql } from 'slonik'
import { z } from 'zod'
import type { PollAggregate } from './poll-aggregate.ts'

interface ChangedPolls {
  readonly version: number
  readonly polls: readonly PollAggregate[]
}

/** One statement whatever the change, so that the server keeps its plan. */
export async function writePolls(
  connection: DatabaseTransactionConnection,
  { version, polls }: ChangedPolls,
): Promise<void> {
  if (polls.length === 0) return
  await connection.query(sql.prepared('write_polls', z.unknown())`
    with categories as (
      insert into category_aggregates (version, poll, category, ordinal, count, sum, sum_squares, histogram)
      select ${version}, poll, category, ordinal, count, sum, sum_squares, histogram::json
        from ${sql.unnest(polls.flatMap(categoryRows), CATEGORY_TYPES)}
          as t (poll, category, ordinal, count, sum, sum_squares, histogram)
      on conflict (version, poll, category) do update
         set count = excluded.count, sum = excluded.sum, sum_squares = excluded.sum_squares,
             histogram = excluded.histogram
    )
    insert into poll_aggregates (version, opened_at, poll, definition, status, position, as_of, parked, counted, excluded, withdrawn)
    select ${version}, opened_at, poll, definition::json, status, position, as_of, parked, counted, excluded, withdrawn
      from ${sql.unnest(polls.map(pollRow), POLL_TYPES)}
        as t (poll, definition, status, opened_at, position, as_of, parked, counted, excluded, withdrawn)
    on conflict (version, poll) do update
       set status = excluded.status, position = excluded.position, as_of = excluded.as_of, parked = excluded.parked,
           counted = excluded.counted, excluded = excluded.excluded, withdrawn = excluded.withdrawn`)
}

const POLL_TYPES = ['text', 'text', 'text', 'int8', 'int8', 'text', 'int8', 'int8', 'int8', 'int8']

const pollRow = (poll: PollAggregate) => [
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
]

const CATEGORY_TYPES = ['text', 'text', 'int4', 'int8', 'int8', 'int8', 'text']

const categoryRows = ({ definition, categories }: PollAggregate) =>
  categories.map(({ count, sum, sumSquares, histogram }, ordinal) => {
    const pairs = JSON.stringify([...histogram].sort(([a], [b]) => a - b))
    return [definition.poll, definition.categories[ordinal]!.id, ordinal, count, sum, sumSquares, pairs]
  })
