import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { type BuildRecord, readBuild, stateOf } from './build-record.ts'
import type { Build, ProjectionVersion } from './projection-operations.ts'
import { buildableNames } from './read-models.ts'

const VersionRow = z.object({
  projection: z.string(),
  version: z.int(),
  foldVersion: z.int(),
  status: z.enum(['live', 'building', 'retired']),
  position: z.string().transform(BigInt),
  promotedAt: z
    .number()
    .nullable()
    .transform((milliseconds) => (milliseconds === null ? undefined : new Date(milliseconds))),
  promotedBy: z
    .string()
    .nullable()
    .transform((label) => label ?? undefined),
})

/** Every version of every read model, the newest of each first. @param positionsPerEvent how far apart two events are */
export async function listVersions(
  pool: DatabasePool,
  positionsPerEvent: bigint,
): Promise<ProjectionVersion[]> {
  return await pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`set transaction isolation level repeatable read read only`)
    const rows = await connection.any(sql.unsafe`
      select name as projection, version, fold_version as "foldVersion", status, position::text,
             (extract(epoch from promoted_at) * 1000)::float8 as "promotedAt",
             promoted_by as "promotedBy"
        from projections
       where name = any (${sql.array([...buildableNames], 'text')}) and status <> 'discarded'
       order by name, version desc`)
    const versions: ProjectionVersion[] = []
    for (const row of rows.map((each) => VersionRow.parse(each))) {
      const record = row.status === 'building' ? await readBuild(connection, row.projection) : undefined
      versions.push({ ...row, build: record && buildOf(record, positionsPerEvent) })
    }
    return versions
  })
}

function buildOf(record: BuildRecord, positionsPerEvent: bigint): Build {
  const { head, position, rate, phase, lastError, startedBy, startedAt, promote, events } = record
  const missing = head > position ? Number((head - position) / positionsPerEvent) : 0
  return {
    state: stateOf(record),
    startedBy,
    startedAt,
    promoteWhenReady: promote,
    head,
    events,
    rate,
    secondsLeft: missing === 0 && phase !== 'filling' ? 0 : rate > 0 ? missing / rate : undefined,
    lastError: lastError ?? undefined,
  }
}
