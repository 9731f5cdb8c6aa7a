import { z } from 'zod'
import type { ClientPool } from '../postgres/client-pool.ts'
import { type AppliedMigration, readApplied } from '../postgres/schema.ts'

/** Who watches must not be in the way: what takes longer is given up. */
const DEADLINE_MS = 2000
/** The size is asked of every file of the database. */
const SIZE_DEADLINE_MS = 5000

const VersionRow = z.object({
  name: z.string(),
  version: z.int(),
  foldVersion: z.int(),
  status: z.enum(['live', 'building']),
  position: z.string().transform(BigInt),
})

const ReadModels = z.object({
  versions: z.array(VersionRow),
  parked: z.int(),
  unknown: z.coerce.number(),
  newestPoll: z.object({ poll: z.string(), position: z.string().transform(BigInt) }).nullable(),
})

/** One version of a read model and how far it has come; retired ones aside. */
export type ReadModelVersion = z.infer<typeof VersionRow>
export type ReadModels = z.infer<typeof ReadModels>

export interface DailySize {
  /** `2026-11-23` */
  readonly day: string
  readonly takenAt: Date
  /** Bytes. */
  readonly database: number
}

/** What a database tells of the service as a whole. Reads a few rows at a time. */
export class DatabaseFigures {
  readonly #pool: Pick<ClientPool, 'lend'>

  constructor(pool: Pick<ClientPool, 'lend'>) {
    this.#pool = pool
  }

  /** The migrations that were applied, in order. */
  async schema(): Promise<readonly AppliedMigration[]> {
    return await this.#pool.lend(readApplied, { deadlineMs: DEADLINE_MS })
  }

  /** All read models at one moment; the poll that has changed last; how many events are parked. */
  async readModels(): Promise<ReadModels> {
    const row = await this.#one(`
      select coalesce((
               select json_agg(json_build_object('name', name, 'version', version, 'foldVersion', fold_version,
                                                 'status', status, 'position', position::text) order by name, version)
                 from projections where status <> 'retired'
             ), '[]') as versions,
             (
               select count(*) from parked_events e
                 join projections p on p.name = 'category-aggregate' and p.version = e.version and p.status = 'live'
             )::integer as parked,
             (
               select coalesce(sum(unknown), 0) from projections where name = 'category-aggregate' and status = 'live'
             ) as unknown,
             (
               select json_build_object('poll', a.poll, 'position', a.position::text) from poll_aggregates a
                 join projections p on p.name = 'category-aggregate' and p.version = a.version and p.status = 'live'
                order by a.position desc limit 1
             ) as "newestPoll"`)
    return ReadModels.parse(row)
  }

  /** Bytes. */
  async size(): Promise<number> {
    const { size } = await this.#one('select pg_database_size(current_database()) as size', SIZE_DEADLINE_MS)
    return Number(size)
  }

  /** How many months after this one the event log in PostgreSQL can be written into already. */
  async logMonthsAhead(): Promise<number> {
    const { months } = await this.#one(
      'select count(*) as months from log_months where month > log_month(now()) and dropped_at is null',
    )
    return Number(months)
  }

  /** Notes today's size, unless somebody has. */
  async noteSize(): Promise<void> {
    await this.#pool.lend(
      (client) =>
        client.query(`
      insert into daily_sizes (day, database_bytes, position)
      select (now() at time zone 'UTC')::date, pg_database_size(current_database()), p.position
        from projections p
       where p.name = 'category-aggregate' and p.status = 'live'
         and not exists (select from daily_sizes where day = (now() at time zone 'UTC')::date)
      on conflict do nothing`),
      { deadlineMs: SIZE_DEADLINE_MS },
    )
  }

  /** One for each day on which it was noted, of the last 31, oldest first. */
  async dailySizes(): Promise<DailySize[]> {
    const { sizes } = await this.#one(`
      select coalesce(json_agg(json_build_object('day', day, 'takenAt', taken_at, 'database', database_bytes)
                               order by day), '[]') as sizes
        from daily_sizes where day > (now() at time zone 'UTC')::date - 31`)
    const Row = z.object({ day: z.string(), takenAt: z.coerce.date(), database: z.number() })
    return z.array(Row).parse(sizes)
  }

  // biome-ignore lint/suspicious/noExplicitAny: a row is what its statement says
  #one(text: string, deadlineMs = DEADLINE_MS): Promise<any> {
    return this.#pool.lend(async (client) => (await client.query(text)).rows[0], { deadlineMs })
  }
}
