/** Partitions of `period_aggregates`, one a month. */
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { type Month, monthOf, nameOfMonth, startOfMonth } from './month.ts'

/** So many months after the current one have their partition before anything is written into them. */
const MONTHS_AHEAD = 3

const MonthRow = z.object({ seconds: z.coerce.number(), attached: z.boolean() })

/** Months that have a partition, and such as had one that is detached now. */
interface Months {
  readonly attached: ReadonlySet<Month>
  readonly detached: ReadonlySet<Month>
}

/** Every month that was ever made. */
export async function readMonths(pool: Pick<DatabasePool, 'any'>): Promise<Months> {
  const rows = await pool.any(sql.unsafe`
    select extract(epoch from m.start)::int8 as seconds,
           exists (
             select from pg_inherits i
              where i.inhparent = 'period_aggregates'::regclass and i.inhrelid = to_regclass(m.partition)
                and not i.inhdetachpending
           ) as attached
      from period_months m`)
  const months = rows.map((row) => MonthRow.parse(row))
  const those = (attached: boolean) =>
    new Set(months.filter((row) => row.attached === attached).map(({ seconds }) => monthOf(seconds * 1000)))
  return { attached: those(true), detached: those(false) }
}

/** How many months after that of `now` have their partition already: for who watches over the service. */
export async function monthsAhead(pool: Pick<DatabasePool, 'any'>, now: Date): Promise<number> {
  const { attached } = await readMonths(pool)
  const current = monthOf(now.getTime())
  let ahead = 0
  while (attached.has(current + ahead + 1)) ahead++
  return ahead
}

/**
 * Makes the partitions of those months that never had one. Readers and writers of the others are not held up; rivals
 * who want the same wait for each other.
 */
async function makeMonths(pool: DatabasePool, months: readonly Month[]): Promise<void> {
  await pool.transaction(async (connection) => {
    for (const month of months.toSorted((a, b) => a - b)) {
      const [from, to] = [startOfMonth(month) / 1000, startOfMonth(month + 1) / 1000]
      const partition = `period_aggregates_${nameOfMonth(month)}`
      // The row comes first: a rival waits on it and then finds it there.
      const { rowCount } = await connection.query(sql.unsafe`
        insert into period_months (start, partition) values (to_timestamp(${from}), ${partition}) on conflict do nothing`)
      if (rowCount !== 1) continue
      const name = sql.identifier([partition])
      await connection.query(sql.unsafe`create table ${name} (like period_aggregates including all)`)
      // `create table … partition of` would wait for every reader of every other month, and hold up who comes after it.
      await connection.query(sql.unsafe`
        alter table period_aggregates attach partition ${name}
          for values from (${moment(from)}) to (${moment(to)})`)
    }
  })
}

/** A statement that changes the schema takes no parameters. */
const moment = (seconds: number) => sql.fragment`to_timestamp(${sql.literalValue(String(seconds))})`

/** The months as one active projector knows them. */
export class PeriodMonths {
  readonly #pool: DatabasePool
  readonly #now: () => Date
  #known: Months | undefined

  constructor(pool: DatabasePool, now: () => Date) {
    this.#pool = pool
    this.#now = now
  }

  /** Sees to it that those months can be written into, and some months ahead; nothing to ask if all is known. */
  async prepare(months: ReadonlySet<Month>): Promise<void> {
    const current = monthOf(this.#now().getTime())
    const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, n) => current + n)
    const wanted = new Set([...months, ...ahead])
    if (this.#missing(wanted).length === 0) return
    this.#known = await readMonths(this.#pool)
    const missing = this.#missing(wanted)
    if (missing.length === 0) return
    await makeMonths(this.#pool, missing)
    this.#known = await readMonths(this.#pool)
  }

  /** Whether what happens in that month can be stored no more, because an operator detached its partition. */
  isDetached(month: Month): boolean {
    return this.#known?.detached.has(month) ?? false
  }

  #missing(months: ReadonlySet<Month>): Month[] {
    const { attached, detached } = this.#known ?? { attached: new Set(), detached: new Set() }
    return [...months].filter((month) => !attached.has(month) && !detached.has(month))
  }
}
