/**
 * The CategoryAggregate read model in PostgreSQL: tables `projections`, `poll_aggregates`, `category_aggregates`, and
 * the checkpoint of `period_aggregates`.
 */
import { type DatabasePool, type DatabaseTransactionConnection, sql } from 'slonik'
import { z } from 'zod'
import type { Position } from '../events/event-log.ts'
import { FOLD_VERSION, type Fold, type ParkedEvent } from './fold.ts'
import type { ParkedEventState } from './parked-events.ts'
import { readParked, restoredFold, settleParked, writeParked } from './parked-rows.ts'
import { ActivePeriods, type PeriodsChange } from './periods/active-periods.ts'
import { writePeriods } from './periods/stored-periods.ts'
import { type PollAggregate, rankOf } from './poll-aggregate.ts'
import { aggregateFromRow, PollRow, type StoredPolls, storedPolls } from './poll-row.ts'
import { CheckpointMoved, FoldChanged, VersionReplaced } from './read-model.ts'
import type { Act } from './retried-event.ts'
import { writePolls } from './write-polls.ts'

/** Its name among the projections. */
export const CATEGORY_AGGREGATE = 'category-aggregate'
/** The periods have a checkpoint of their own, which moves with the other once it has come so far. */
export const PERIODS = 'periods'

/** The read model as it stands at its checkpoint. */
export interface LoadedProjection {
  readonly version: number
  /** Of the promotion by which it became the live one; 0: by none. */
  readonly generation: number
  readonly checkpoint: Position
  readonly fold: Fold
  readonly periods: ActivePeriods
}

/** What is stored of the results at a position, right or wrong. */
export interface StoredResults extends StoredPolls {
  readonly position: Position
}

/** What a batch of events changed. */
export interface ProjectionChange {
  readonly version: number
  /** The checkpoint that this change starts from. */
  readonly from: Position
  readonly to: Position
  readonly polls: readonly PollAggregate[]
  /** At most one for each position. */
  readonly parked: readonly ParkedEvent[]
  /** What operators did about events that are not parked any more. */
  readonly settled?: readonly Act[]
  readonly unknown: number
  /** Left out as long as the periods have not come so far. */
  readonly periods?: PeriodsChange | undefined
}

/** Polls without their numbers. */
interface Listed {
  readonly rank: bigint
  readonly polls: Pick<PollAggregate, 'definition' | 'status'>[]
}

const ListedRow = PollRow.pick({ definition: true, status: true, generation: true, position: true })

const CheckpointRow = z.object({
  version: z.int(),
  generation: z.int(),
  fold_version: z.int(),
  position: z.coerce.bigint(),
  unknown: z.coerce.number().int(),
})

/** One row a poll, its categories in it: one statement, so everything in it is of one moment. */
const selectPolls = sql.fragment`
  select a.poll, a.definition, a.status, p.generation, a.opened_at::text, a.position::text, a.as_of, a.parked, a.counted, a.excluded, a.withdrawn,
         (
           select json_agg(
                    json_build_object('category', c.category, 'count', c.count, 'sum', c.sum,
                                      'sumSquares', c.sum_squares, 'histogram', c.histogram)
                    order by c.ordinal
                  )
             from category_aggregates c
            where c.version = a.version and c.poll = a.poll
         ) as categories
    from poll_aggregates a
    join projections p on p.name = ${CATEGORY_AGGREGATE} and p.version = a.version`

export class ProjectionStore {
  readonly #pool: DatabasePool
  readonly #now: () => Date

  constructor(pool: DatabasePool, now = () => new Date()) {
    this.#pool = pool
    this.#now = now
  }

  /** Tells the database from every other one, for what is kept of it elsewhere. */
  async identity(): Promise<string> {
    const identity = await this.#pool.oneFirst(sql.unsafe`
      select system_identifier::text || '-' || (select oid from pg_database where datname = current_database())
        from pg_control_system()`)
    return z.string().parse(identity)
  }

  /**
   * A version, to go on from; the live one if left out.
   * @throws {InconsistentAggregate} @throws {FoldChanged}
   * @throws {CheckpointMoved} if there is no such version
   */
  async load(wanted?: number): Promise<LoadedProjection> {
    return await this.#pool.transaction(async (connection) => {
      // One moment for both statements: the checkpoint and what it stands for.
      await connection.query(sql.unsafe`set transaction isolation level repeatable read read only`)
      const results = await readCheckpoint(connection, CATEGORY_AGGREGATE, wanted)
      const periods = await readCheckpoint(connection, PERIODS, wanted)
      const { version, generation, position: checkpoint, unknown } = results
      const polls = await connection.any(sql.unsafe`
        ${selectPolls} where a.version = ${version} order by a.opened_at`)
      const aggregates = polls.map(aggregateFromRow).map((poll) => [poll.definition.poll, poll] as const)
      return {
        version,
        generation,
        checkpoint,
        fold: await restoredFold(connection, version, new Map(aggregates), unknown),
        periods: new ActivePeriods(this.#pool, periods.version, periods.position, this.#now),
      }
    })
  }

  /**
   * The live version as it is stored, to be compared: polls that contradict themselves or cannot be read, too.
   * @throws {FoldChanged}
   */
  async asStored(): Promise<StoredResults> {
    return await this.#pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`set transaction isolation level repeatable read read only`)
      const { version, position } = await readCheckpoint(connection, CATEGORY_AGGREGATE, undefined)
      const rows = await connection.any(sql.unsafe`
        ${selectPolls} where a.version = ${version} order by a.opened_at`)
      return { position, ...storedPolls(rows) }
    })
  }

  /** How far the live version has come. */
  async checkpoint(): Promise<Position> {
    const row = await this.#pool.oneFirst(sql.unsafe`
      select position::text from projections where name = ${CATEGORY_AGGREGATE} and status = 'live'`)
    return BigInt(z.string().parse(row))
  }

  /** Whether this version is still the one that is read. */
  async isLive(version: number): Promise<boolean> {
    return await this.#pool.exists(sql.unsafe`
      select from projections where name = ${CATEGORY_AGGREGATE} and version = ${version} and status = 'live'`)
  }

  /** Of all read models, old versions aside, the one that is furthest behind. */
  async slowestCheckpoint(): Promise<{ readonly name: string; readonly position: Position } | undefined> {
    const row = await this.#pool.maybeOne(sql.unsafe`
      select name, position::text from projections where status in ('live', 'building') order by projections.position limit 1`)
    return row === null ? undefined : z.object({ name: z.string(), position: z.coerce.bigint() }).parse(row)
  }

  /** What is parked in the live version, oldest first. @param only at this position */
  async parked(only?: Position): Promise<ParkedEventState[]> {
    return await readParked(this.#pool, only)
  }

  /** One poll of the live version. @throws {InconsistentAggregate} */
  async poll(poll: string): Promise<PollAggregate | undefined> {
    const row = await this.#pool.maybeOne(
      sql.unsafe`${selectPolls} where p.status = 'live' and a.poll = ${poll}`,
    )
    return row === null ? undefined : aggregateFromRow(row)
  }

  /** Every poll of the live version in the order of opening, without its numbers. */
  async definitions(): Promise<Listed['polls']> {
    return (await this.listed()).polls
  }

  /** The same, with the rank (`rankOf`) of the version: of one moment. */
  async listed(): Promise<Listed> {
    const rows = await this.#pool.any(sql.unsafe`
      select a.definition, a.status, p.generation, p.position::text
        from poll_aggregates a
        join projections p on p.name = ${CATEGORY_AGGREGATE} and p.version = a.version
       where p.status = 'live'
       order by a.opened_at`)
    const parsed = rows.map((row) => ListedRow.parse(row))
    const [first] = parsed
    return {
      rank: first ? rankOf(first) : 0n,
      polls: parsed.map(({ definition, status }) => ({ definition, status })),
    }
  }

  /**
   * Writes what a batch changed and moves the checkpoint, in one transaction.
   * @throws {CheckpointMoved} if the checkpoint is not at `change.from`; nothing is written then
   */
  async save(change: ProjectionChange): Promise<void> {
    await this.#pool.transaction(async (connection) => {
      const { version, periods } = change
      const results = { ...change, name: CATEGORY_AGGREGATE }
      await moveCheckpoints(connection, version, periods ? [results, checkpointOf(periods)] : [results])
      await writePolls(connection, change)
      await writeParked(connection, change)
      await settleParked(connection, change)
      if (periods) await writePeriods(connection, version, periods.periods)
    })
  }

  /** Writes periods that are behind the rest. @throws {CheckpointMoved} if their checkpoint is not at `change.from` */
  async savePeriods(change: PeriodsChange): Promise<void> {
    await this.#pool.transaction(async (connection) => {
      await moveCheckpoints(connection, change.version, [checkpointOf(change)])
      await writePeriods(connection, change.version, change.periods)
    })
  }
}

/** @throws {FoldChanged} @throws {CheckpointMoved} */
async function readCheckpoint(
  connection: DatabaseTransactionConnection,
  name: string,
  version: number | undefined,
): Promise<z.infer<typeof CheckpointRow>> {
  const which =
    version === undefined
      ? sql.fragment`status = 'live'`
      : sql.fragment`version = ${version} and status <> 'discarded'`
  const row = await connection.maybeOne(sql.unsafe`
    select version, generation, fold_version, position::text, unknown from projections where name = ${name} and ${which}`)
  if (row === null) throw new CheckpointMoved(`there is no version ${version} of ${name} any more`)
  const checkpoint = CheckpointRow.parse(row)
  if (checkpoint.fold_version !== FOLD_VERSION)
    throw new FoldChanged(name, { made: checkpoint.fold_version, today: FOLD_VERSION })
  return checkpoint
}

interface Move {
  readonly name: string
  readonly from: Position
  readonly to: Position
  readonly unknown: number
}

const checkpointOf = ({ from, to }: PeriodsChange): Move => ({ name: PERIODS, from, to, unknown: 0 })

/** All of them, or the transaction fails. @throws {CheckpointMoved} @throws {VersionReplaced} */
async function moveCheckpoints(
  connection: DatabaseTransactionConnection,
  version: number,
  moves: readonly Move[],
): Promise<void> {
  const rows = moves.map(({ name, from, to, unknown }) => [name, from, to, unknown])
  // What is saved is shown next, and no crash may take back what somebody has seen: hence the setting, for the commit.
  const { rowCount } = await connection.query(sql.prepared('move_checkpoints', z.unknown())`
    update projections p set position = m.target, unknown = m.unknown
      from ${sql.unnest(rows, ['text', 'int8', 'int8', 'int8'])} as m (name, start, target, unknown)
     where p.name = m.name and p.version = ${version} and p.position = m.start and p.status in ('live', 'building')
    returning set_config('synchronous_commit', 'on', true)`)
  if (rowCount === moves.length) return
  const [{ name, from }] = moves as [Move]
  const isRetired = await connection.exists(sql.unsafe`
    select from projections where name = ${name} and version = ${version} and status = 'retired'`)
  if (isRetired) throw new VersionReplaced(name, version)
  throw new CheckpointMoved(`the checkpoint of version ${version} of ${name} is no longer at ${from}`)
}
