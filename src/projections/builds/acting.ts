import { type DatabasePool, type DatabaseTransactionConnection, sql } from 'slonik'
import { z } from 'zod'
import { Problem } from '../../errors.ts'
import { type BuildRecord, readBuild } from './build-record.ts'
import { type BuildableName, buildableNames, buildables, isBuildable } from './read-models.ts'

const ModelRow = z.object({ version: z.int(), generation: z.int() })

/** A read model in the hands of the one who acts on its versions. */
export interface ActedOn {
  readonly connection: DatabaseTransactionConnection
  readonly projection: BuildableName
  /** Its rows in the table `projections`. */
  readonly parts: readonly string[]
  /** The last number given to a version. */
  readonly version: number
  /** Of the last promotion. */
  readonly generation: number
  readonly build: BuildRecord | undefined
}

/**
 * Does something with the versions of a read model, in one transaction. One goes after the other: who comes second
 * sees what the first has done.
 * @throws {Problem} PROJECTION_NOT_FOUND
 */
export async function act<T>(
  pool: DatabasePool,
  projection: string,
  work: (acted: ActedOn) => Promise<T>,
): Promise<T> {
  if (!isBuildable(projection))
    throw new Problem('PROJECTION_NOT_FOUND', {
      detail: `There is no projection called ${projection.slice(0, 64)}, but these: ${buildableNames.join(', ')}.`,
    })
  return await pool.transaction(async (connection) => {
    await connection.query(sql.unsafe`set local synchronous_commit = on`)
    const model = await connection.one(sql.unsafe`
      select version, generation from projection_models where name = ${projection} for update`)
    const build = await readBuild(connection, projection)
    const { parts } = buildables[projection]
    return await work({ connection, projection, parts, build, ...ModelRow.parse(model) })
  })
}

/** @throws {Problem} NO_BUILD, with what has happened meanwhile */
export async function mustBeBuilt({ connection, projection, build }: ActedOn): Promise<BuildRecord> {
  if (build) return build
  const live = await connection.one(sql.unsafe`
    select version, promoted_by as by, (extract(epoch from promoted_at) * 1000)::float8 as at
      from projections where name = ${projection} and status = 'live'`)
  const { version, by, at } = z
    .object({ version: z.int(), by: z.string().nullable(), at: z.number().nullable() })
    .parse(live)
  const since = at === null ? '' : `, since ${by} promoted it at ${new Date(at).toISOString()}`
  throw new Problem('NO_BUILD', {
    detail: `Nothing of ${projection} is being built. Version ${version} is the live one${since}.`,
  })
}

/** Gives all parts of a version another status. */
export async function setStatus(
  { connection, parts }: ActedOn,
  version: number,
  status: 'building' | 'retired' | 'discarded',
): Promise<void> {
  await connection.query(sql.unsafe`
    update projections set status = ${status} where version = ${version} and name = any (${sql.array([...parts], 'text')})`)
}

/** Writes down who has done what, in the same transaction. */
export async function record(
  { connection, projection }: Pick<ActedOn, 'connection' | 'projection'>,
  act: 'rebuild' | 'pause' | 'resume' | 'cancel' | 'promote' | 'rollback' | 'prune',
  by: string,
  versions: readonly number[],
): Promise<void> {
  await connection.query(sql.unsafe`
    insert into operator_acts (by, act, projection, versions)
    values (${by}, ${act}, ${projection}, ${sql.array([...versions], 'int4')})`)
}
