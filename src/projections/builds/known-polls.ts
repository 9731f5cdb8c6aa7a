import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import type { Position } from '../../events/event-log.ts'
import { PollDefinition } from '../../events/poll-events.ts'
import type { PollAggregate } from '../poll-aggregate.ts'
import { CATEGORY_AGGREGATE } from '../projection-store.ts'

const KnownPoll = z.object({
  definition: PollDefinition,
  openedAt: z.string().transform(BigInt),
})

/**
 * The polls that were open at a position, as far as the live version or this one knows. A hint: whether it was right is
 * seen when everything before is stored.
 */
export async function knownPolls(
  pool: DatabasePool,
  version: number | undefined,
  position: Position,
): Promise<Pick<PollAggregate, 'definition' | 'openedAt'>[]> {
  const rows = await pool.any(sql.unsafe`
    select distinct on (a.poll) a.definition, a.opened_at::text as "openedAt"
      from poll_aggregates a
      join projections p on p.name = ${CATEGORY_AGGREGATE} and p.version = a.version
     where (p.status = 'live' or p.version = ${version ?? null}) and a.opened_at <= ${position}
     order by a.poll, p.status`)
  return rows.map((row) => KnownPoll.parse(row))
}
