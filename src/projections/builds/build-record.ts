/** The table `projection_builds`: everything that is known of what is being built. */
import { type CommonQueryMethods, sql } from 'slonik'
import { z } from 'zod'
import type { Position } from '../../events/event-log.ts'
import type { VersionOf } from './build-jobs.ts'
import type { BuildState } from './projection-operations.ts'
import type { BuildableName } from './read-models.ts'

const buildPhases = ['filling', 'following', 'verifying', 'ready'] as const
type BuildPhase = (typeof buildPhases)[number]

const time = z.number().transform((milliseconds) => new Date(milliseconds))

const BuildRow = z.object({
  version: z.int(),
  kind: z.enum(['rebuild', 'rollback']),
  phase: z.enum(buildPhases),
  paused: z.boolean(),
  failed: z.boolean(),
  lastError: z.string().nullable(),
  promote: z.boolean(),
  startedBy: z.string(),
  startedAt: time,
  head: z.string().transform(BigInt),
  events: z.coerce.number().int(),
  rate: z.number(),
  isWorkedOn: z.boolean(),
  foldVersion: z.int(),
  position: z.string().transform(BigInt),
})

/** What is being built of a read model, and how far it is. */
export type BuildRecord = z.infer<typeof BuildRow>

/** Whoever works on a build says so every second or two; one who has not for so long has stopped. */
const SILENT_SECONDS = 15

/** @returns undefined if nothing is being built */
export async function readBuild(
  connection: Pick<CommonQueryMethods, 'maybeOne'>,
  projection: string,
): Promise<BuildRecord | undefined> {
  const row = await connection.maybeOne(sql.unsafe`
    select b.version, b.kind, b.phase, b.paused, b.failed, b.last_error as "lastError", b.promote,
           b.started_by as "startedBy", (extract(epoch from b.started_at) * 1000)::float8 as "startedAt",
           b.head::text, b.events::text, b.rate,
           coalesce(b.worked_at > now() - make_interval(secs => ${SILENT_SECONDS}), false) as "isWorkedOn",
           p.fold_version as "foldVersion", p.position::text
      from projection_builds b
      join projections p on p.name = b.projection and p.version = b.version
     where b.projection = ${projection}`)
  return row === null ? undefined : BuildRow.parse(row)
}

export function stateOf({ failed, paused, phase, isWorkedOn }: BuildRecord): BuildState {
  if (failed) return 'failed'
  if (paused) return 'paused'
  return phase === 'ready' || isWorkedOn ? phase : 'waiting'
}

/** What the one who works on a build tells of it. */
export interface Progress {
  readonly phase?: BuildPhase
  readonly head?: Position
  /** Events that were folded since the last time. */
  readonly events?: number
  readonly rate?: number
  readonly error?: string | undefined
  /** It is not tried again by itself. */
  readonly failed?: boolean
}

/** @returns false if there is no such build any more */
export async function noteProgress(
  connection: Pick<CommonQueryMethods, 'query'>,
  { projection, version }: VersionOf,
  { phase, head, events = 0, rate, error, failed = false }: Progress,
): Promise<boolean> {
  const { rowCount } = await connection.query(sql.unsafe`
    update projection_builds
       set phase = coalesce(${phase ?? null}, phase), head = coalesce(${head ?? null}, head),
           events = events + ${events}, rate = coalesce(${rate ?? null}, rate),
           last_error = coalesce(${error ?? null}, last_error), failed = failed or ${failed}, worked_at = now()
     where projection = ${projection} and version = ${version}`)
  return rowCount === 1
}

/** Versions whose rows are still to be taken away. */
export async function discardedVersions(
  connection: Pick<CommonQueryMethods, 'anyFirst'>,
  projection: BuildableName,
): Promise<number[]> {
  const versions = await connection.anyFirst(sql.unsafe`
    select version from projections where name = ${projection} and status = 'discarded' order by version`)
  return z.array(z.int()).parse(versions)
}
