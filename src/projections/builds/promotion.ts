import { AsyncLocalStorage } from 'node:async_hooks'
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { Problem } from '../../errors.ts'
import type { Position } from '../../events/event-log.ts'
import { CheckpointMoved } from '../read-model.ts'
import { type ActedOn, act, mustBeBuilt, record } from './acting.ts'
import type { VersionOf } from './build-jobs.ts'
import { type BuildRecord, stateOf } from './build-record.ts'
import type { Follower } from './follower.ts'

export interface PromotionOptions {
  readonly pool: DatabasePool
  readonly follower: Pick<Follower, 'advance' | 'forget'>
  readonly positionsPerEvent: bigint
}

type Advance = (version: VersionOf, upTo: Position) => Promise<unknown>

/** So far behind the live one may the next one be: it catches up while the live one waits, a moment. */
const MOST_BEHIND = 5000n
/** The builder may be catching up with it, too. */
const ATTEMPTS = 20

/**
 * Makes the version that is being built the live one, in one transaction, and retires the one that was. It has come at
 * least as far as that one by then: nobody sees the results go back.
 * @param version the one that was seen to be ready
 * @throws {Problem} NO_BUILD, BUILD_NOT_READY, PROJECTION_NOT_FOUND
 */
export async function promote(
  options: PromotionOptions,
  projection: string,
  version: number,
  by: string,
): Promise<void> {
  // Within a transaction the pool refuses every other connection; the next version is brought forward on one of its own.
  const outside = AsyncLocalStorage.snapshot()
  const advance: Advance = (version, upTo) => {
    options.follower.forget()
    return outside(() => options.follower.advance(version, upTo))
  }
  await act(options.pool, projection, async (acted) => {
    mustBeReady(await mustBeBuilt(acted), projection, version)
    const live = await lockLive(acted)
    await catchUp(acted, { projection: acted.projection, version }, live.position, {
      advance,
      positionsPerEvent: options.positionsPerEvent,
    })
    await change(acted, version, by)
    await record(acted, 'promote', by, [version])
  })
}

/** @throws {Problem} BUILD_NOT_READY */
function mustBeReady(build: BuildRecord, projection: string, version: number): void {
  const state = stateOf(build)
  if (build.version !== version)
    throw new Problem('BUILD_NOT_READY', {
      detail: `Version ${build.version} of ${projection} is being built, not ${version}.`,
    })
  if (state !== 'ready')
    throw new Problem('BUILD_NOT_READY', {
      detail:
        `Version ${version} of ${projection} is ${state}, not ready` +
        `${build.lastError && state === 'failed' ? `: ${build.lastError}` : '.'}`,
    })
}

const LiveRow = z.object({ version: z.int(), position: z.string().transform(BigInt) })

/** From here on its projector waits. */
async function lockLive({ connection, parts, projection }: ActedOn) {
  const rows = await connection.any(sql.unsafe`
    select name, version, position::text from projections
     where name = any (${sql.array([...parts], 'text')}) and status = 'live' order by name for update`)
  const live = rows.map((row) => LiveRow.extend({ name: z.string() }).parse(row))
  return live.find(({ name }) => name === projection)!
}

/** @throws {Problem} BUILD_NOT_READY if it is too far behind */
async function catchUp(
  { connection, parts }: ActedOn,
  version: VersionOf,
  end: Position,
  { advance, positionsPerEvent }: Pick<PromotionOptions, 'positionsPerEvent'> & { readonly advance: Advance },
): Promise<void> {
  const behind = async () => {
    const least = await connection.oneFirst(sql.unsafe`
      select min(position)::text from projections
       where version = ${version.version} and name = any (${sql.array([...parts], 'text')})`)
    return end - BigInt(z.string().parse(least))
  }
  for (let attempt = 0; ; attempt++) {
    const missing = await behind()
    if (missing <= 0n) return
    if (missing > MOST_BEHIND * positionsPerEvent || attempt >= ATTEMPTS) throw notLevel(version, missing)
    try {
      await advance(version, end)
    } catch (error) {
      // Somebody else brings it forward just now.
      if (!(error instanceof CheckpointMoved)) throw error
    }
  }
}

const notLevel = ({ projection, version }: VersionOf, missing: bigint): Problem =>
  new Problem('BUILD_NOT_READY', {
    detail:
      `Version ${version} of ${projection} is ${missing} positions behind the live one, and nobody keeps it level: start ` +
      'a process with the projector role.',
  })

async function change(acted: ActedOn, version: number, by: string): Promise<void> {
  const { connection, projection, generation } = acted
  const parts = sql.array([...acted.parts], 'text')
  await connection.query(sql.unsafe`
    update projections set status = 'retired' where name = any (${parts}) and status = 'live'`)
  const { rowCount } = await connection.query(sql.unsafe`
    update projections set status = 'live', generation = ${generation + 1}, promoted_at = now(), promoted_by = ${by}
     where name = any (${parts}) and version = ${version} and status = 'building'`)
  if (rowCount !== acted.parts.length) throw new Error(`version ${version} of ${projection} is not all there`)
  await connection.query(sql.unsafe`
    update projection_models set generation = ${generation + 1} where name = ${projection}`)
  await connection.query(sql.unsafe`delete from projection_builds where projection = ${projection}`)
}
