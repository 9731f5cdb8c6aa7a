import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { Problem } from '../../errors.ts'
import { type ActedOn, act, mustBeBuilt, record, setStatus } from './acting.ts'
import { type BuildRecord, stateOf } from './build-record.ts'
import { Follower, type FollowerSources } from './follower.ts'
import type { ProjectionOperations, ProjectionVersion, RecordedAct } from './projection-operations.ts'
import { promote } from './promotion.ts'
import { buildables } from './read-models.ts'
import { makeRoom } from './room.ts'
import { listVersions } from './versions.ts'

export interface OperationsOptions extends FollowerSources {
  readonly pool: DatabasePool
  /** How far apart the positions of two events are. */
  readonly positionsPerEvent: bigint
}

/** Operators' acts on the versions, in the database that everybody shares. */
export class StoredProjectionOperations implements ProjectionOperations {
  readonly #options: OperationsOptions

  constructor(options: OperationsOptions) {
    this.#options = options
  }

  list(): Promise<readonly ProjectionVersion[]> {
    return listVersions(this.#options.pool, this.#options.positionsPerEvent)
  }

  async recorded(limit: number): Promise<readonly RecordedAct[]> {
    const rows = await this.#options.pool.any(sql.unsafe`
      select (extract(epoch from at) * 1000)::float8 as at, by, act, projection, versions
        from operator_acts order by id desc limit ${limit}`)
    return rows.map((row) => ActRow.parse(row))
  }

  async rebuild(name: string, { by, promote }: { by: string; promote: boolean }): Promise<ProjectionVersion> {
    const begun = await act(this.#options.pool, name, async (acted) => {
      mustNotBeBuilt(acted)
      const version = acted.version + 1
      await acted.connection.query(sql.unsafe`
        update projection_models set version = ${version} where name = ${acted.projection}`)
      for (const part of acted.parts)
        await acted.connection.query(sql.unsafe`
          insert into projections (name, version, fold_version, status)
          values (${part}, ${version}, ${buildables[acted.projection].foldVersion}, 'building')`)
      await makeRoom(acted.connection, { projection: acted.projection, version })
      await begin(acted, { version, kind: 'rebuild', promote, by })
      await record(acted, 'rebuild', by, [version])
      return version
    })
    return (await this.list()).find(({ projection, version }) => projection === name && version === begun)!
  }

  async pause(projection: string, by: string): Promise<void> {
    await act(this.#options.pool, projection, async (acted) => {
      const { version } = await mustBeBuilt(acted)
      await acted.connection.query(sql.unsafe`
        update projection_builds set paused = true, rate = 0, acted_by = ${by}
         where projection = ${projection} and version = ${version}`)
      await record(acted, 'pause', by, [version])
    })
  }

  async resume(projection: string, by: string): Promise<void> {
    await act(this.#options.pool, projection, async (acted) => {
      const { version } = await mustBeBuilt(acted)
      await acted.connection.query(sql.unsafe`
        update projection_builds
           set paused = false, failed = false, last_error = null, worked_at = null, acted_by = ${by}
         where projection = ${projection} and version = ${version}`)
      await record(acted, 'resume', by, [version])
    })
  }

  async cancel(projection: string, by: string): Promise<void> {
    await act(this.#options.pool, projection, async (acted) => {
      const { version, kind } = await mustBeBuilt(acted)
      await setStatus(acted, version, kind === 'rollback' ? 'retired' : 'discarded')
      await acted.connection.query(sql.unsafe`
        delete from projection_builds where projection = ${projection}`)
      await record(acted, 'cancel', by, [version])
    })
  }

  async promote(projection: string, version: number, by: string): Promise<void> {
    const follower = new Follower(this.#options)
    await promote({ ...this.#options, follower }, projection, version, by)
  }

  async rollback(projection: string, by: string): Promise<void> {
    await act(this.#options.pool, projection, async (acted) => {
      mustNotBeBuilt(acted)
      const version = await versionBefore(acted)
      await setStatus(acted, version, 'building')
      await begin(acted, { version, kind: 'rollback', promote: true, by })
      await record(acted, 'rollback', by, [version])
    })
  }

  async prune(projection: string, by: string): Promise<readonly number[]> {
    return await act(this.#options.pool, projection, async (acted) => {
      const retired = await acted.connection.anyFirst(sql.unsafe`
        select version from projections where name = ${projection} and status = 'retired' order by version`)
      const versions = z.array(z.int()).parse(retired)
      for (const version of versions) await setStatus(acted, version, 'discarded')
      if (versions.length > 0) await record(acted, 'prune', by, versions)
      return versions
    })
  }
}

const ActRow = z.object({
  at: z.number().transform((milliseconds) => new Date(milliseconds)),
  by: z.string(),
  act: z.string(),
  projection: z.string(),
  versions: z.array(z.int()),
})

async function begin(
  { connection, projection }: ActedOn,
  build: { readonly version: number; readonly promote: boolean; readonly by: string } & Pick<
    BuildRecord,
    'kind'
  >,
): Promise<void> {
  await connection.query(sql.unsafe`
    insert into projection_builds (projection, version, kind, promote, started_by)
    values (${projection}, ${build.version}, ${build.kind}, ${build.promote}, ${build.by})`)
}

/** @throws {Problem} BUILD_EXISTS */
function mustNotBeBuilt({ projection, build }: ActedOn): void {
  if (!build) return
  const since = `since ${build.startedAt.toISOString()}, begun by ${build.startedBy}`
  throw new Problem('BUILD_EXISTS', {
    detail: `Version ${build.version} of ${projection} is being built, ${since}: it is ${stateOf(build)}.`,
  })
}

const RetiredRow = z.object({ version: z.int(), foldVersion: z.int(), positions: z.int() })

/** The version that was live last. @throws {Problem} NO_ROLLBACK */
async function versionBefore({ connection, projection, parts }: ActedOn): Promise<number> {
  const row = await connection.maybeOne(sql.unsafe`
    select version, max(fold_version) as "foldVersion", count(distinct position)::int as positions
      from projections
     where name = any (${sql.array([...parts], 'text')}) and status = 'retired'
     group by version order by max(generation) desc, version desc limit 1`)
  if (row === null)
    throw new Problem('NO_ROLLBACK', {
      detail: `There is no earlier version of ${projection} to go back to.`,
    })
  const { version, foldVersion, positions } = RetiredRow.parse(row)
  const today = buildables[projection].foldVersion
  if (foldVersion !== today)
    throw new Problem('NO_ROLLBACK', {
      detail:
        `Version ${version} of ${projection} was made by version ${foldVersion} of the fold, and this program has version ` +
        `${today}: it could not be brought up to date. Go back with the program that made it.`,
    })
  if (positions !== 1)
    throw new Problem('NO_ROLLBACK', {
      detail: `Version ${version} of ${projection} was retired before its periods were complete: rebuild it.`,
    })
  return version
}
