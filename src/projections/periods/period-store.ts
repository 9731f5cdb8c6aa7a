/** Reads the periods that the projector keeps in the table `period_aggregates`. */
import pg from 'pg'
import { type Position, START } from '../../events/event-log.ts'
import { endingOf } from '../../postgres/end-client.ts'
import { type PoolUse, useOf } from '../../postgres/pool-use.ts'
import type {
  PeriodAggregate,
  PeriodKind,
  PeriodReader,
  PeriodSums,
  PollOfPeriods,
} from '../period-aggregate.ts'
import { rankOf } from '../poll-aggregate.ts'
import { NotSoFar } from '../read-model.ts'
import { type Month, monthOf } from './month.ts'
import { monthsFrom } from './period-months.ts'
import { categoriesOf, integersOf, type PackedPart, type StoredKind } from './period-row.ts'
import { Reading } from './reading.ts'

export interface PeriodStoreOptions {
  readonly databaseUrl: string
  /** How long a reader waits for a connection, or for the next piece of an answer, milliseconds. */
  readonly deadlineMs?: number
}

/** One row: a period of a poll, of one kind or of both. */
interface StoredPeriod {
  readonly poll: string
  readonly start: number
  readonly kind: StoredKind
  readonly packed: PackedPart
}

export interface EverythingOptions {
  /** The version. */
  readonly wanted?: number | undefined
  /** Only what starts at or after `from` and before `to`, milliseconds since 1970. */
  readonly time?: { readonly from: number; readonly to: number }
  readonly signal?: AbortSignal | undefined
}

/** All that is stored at one moment. */
export interface EveryPeriod {
  readonly checkpoint: Position
  /** Months whose periods are not there, because their partition was detached. */
  readonly detached: ReadonlySet<Month>
  /** In no order. */
  readonly periods: AsyncIterable<readonly StoredPeriod[]>
}

/** Counting reads an index from its beginning to its end. */
const COUNTING_MS = 60_000

const SECONDS = 'extract(epoch from start)::bigint'
const COUNTS = 'position, counted, excluded, withdrawn'
const MONTHS = 'select extract(epoch from start)::int8 as seconds, attached from period_partitions'

export class PeriodStore implements PeriodReader {
  readonly #pool: pg.Pool
  readonly #deadlineMs: number
  readonly #endPool: () => Promise<void>

  constructor({ databaseUrl, deadlineMs = 5000 }: PeriodStoreOptions) {
    this.#deadlineMs = deadlineMs
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'taxbudget periods',
      max: 4,
      connectionTimeoutMillis: deadlineMs,
      query_timeout: deadlineMs,
      idle_in_transaction_session_timeout: deadlineMs,
      keepAlive: true,
    })
    // A connection lost while idle is no event: the next query opens another.
    this.#pool.on('error', () => {})
    this.#endPool = endingOf(this.#pool)
  }

  async sums(
    poll: string,
    kind: PeriodKind,
    { since, atLeast = 0n, signal }: Parameters<PeriodReader['sums']>[2],
  ): Promise<Live & { periods: AsyncIterable<readonly PeriodSums[]> }> {
    // Most who ask know everything already: that is one question, not a transaction.
    const live = since > START ? liveFrom((await this.#pool.query(liveOf(poll))).rows) : undefined
    if (live) mustHaveCome(live, atLeast)
    if (live?.checkpoint === since) return { ...live, periods: nothing() }
    const reading = await this.#begin(signal, { atLeast })
    const now = liveFrom(await reading.rows(liveOf(poll)))
    const { version } = now
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, sums, sum_squares from period_aggregates
       where ${ofPoll(version, poll, kind)} and position > ${since} order by start`)
    return { ...now, periods: parsed(lines, sumsFrom) }
  }

  async *aggregates(
    poll: string,
    kind: PeriodKind,
    { from, to, atLeast, signal }: Parameters<PeriodReader['aggregates']>[2],
  ): AsyncGenerator<readonly PeriodAggregate[]> {
    const reading = await this.#begin(signal, { atLeast })
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, histograms from period_aggregates
       where ${ofPoll(reading.version, poll, kind)} and ${within(from, to)} order by start`)
    yield* parsed(lines, aggregateFrom)
  }

  /** The periods of every poll, to be compared with a replay: of the live version, and of all time, if not said otherwise. */
  async everything({ wanted, time, signal }: EverythingOptions = {}): Promise<EveryPeriod> {
    const reading = await this.#begin(signal, { version: wanted })
    const { checkpoint, version } = reading
    const { detached } = monthsFrom(await reading.rows(MONTHS))
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, histograms, sums, sum_squares, poll, kind from period_aggregates
       where version = ${version} and ${time ? within(time.from, time.to) : true}`)
    return { checkpoint, detached, periods: parsed(lines, storedFrom) }
  }

  /** How many rows each month has, in the order of time: of the live version if none is named. */
  async rowsOfMonths(wanted?: number): Promise<{ readonly month: Month; readonly rows: number }[]> {
    const { rows } = await this.#pool.query<{ seconds: string; rows: string }>({
      text: `select extract(epoch from date_trunc('month', start, 'UTC'))::int8 as seconds, count(*) as rows
               from period_aggregates
              where version = coalesce($1, (select version from projections where name = 'periods' and status = 'live'))
              group by 1 order by 1`,
      values: [wanted ?? null],
      query_timeout: COUNTING_MS,
    } as pg.QueryConfig)
    return rows.map((row) => ({ month: monthOf(Number(row.seconds) * 1000), rows: Number(row.rows) }))
  }

  /** How far the periods have come: as far as the results, unless they have to make up for an older history. */
  async checkpoint(): Promise<Position> {
    const live = `select position from projections where name = 'periods' and status = 'live'`
    const { rows } = await this.#pool.query<{ position: string }>(live)
    return BigInt(rows[0]!.position)
  }

  /** How many months after that of `now` can be written into already: for who watches over the service. */
  async monthsAhead(now: Date): Promise<number> {
    const { attached } = monthsFrom((await this.#pool.query(MONTHS)).rows)
    const current = monthOf(now.getTime())
    let ahead = 0
    while (attached.has(current + ahead + 1)) ahead++
    return ahead
  }

  get use(): PoolUse {
    return useOf(this.#pool)
  }

  async close(): Promise<void> {
    await this.#endPool()
  }

  async #begin(
    signal: AbortSignal | undefined,
    { version, atLeast = 0n }: { version?: number | undefined; atLeast?: bigint | undefined },
  ): Promise<Reading> {
    signal?.throwIfAborted()
    const client = await this.#pool.connect()
    const reading = new Reading(this.#pool, client, this.#deadlineMs, signal)
    await reading.begin(version)
    try {
      mustHaveCome(reading, atLeast)
    } catch (error) {
      reading.abandon()
      throw error
    }
    return reading
  }
}

/** @throws {NotSoFar} */
function mustHaveCome(
  { generation, checkpoint }: Pick<Live, 'generation' | 'checkpoint'>,
  atLeast: bigint,
): void {
  if (rankOf({ generation, position: checkpoint }) < atLeast)
    throw new NotSoFar(`the periods are at position ${checkpoint}`)
}

/** What is live at a moment. */
interface Live {
  readonly version: number
  readonly generation: number
  readonly checkpoint: Position
  readonly about: PollOfPeriods
}

const liveOf = (poll: string): string => `
  select p.version, p.generation, p.position, a.as_of, coalesce(a.parked, 0) as parked
    from projections p
    left join projections r on r.name = 'category-aggregate' and r.status = 'live'
    left join poll_aggregates a on a.version = r.version and a.poll = ${pg.escapeLiteral(poll)}
   where p.name = 'periods' and p.status = 'live'`

function liveFrom(rows: readonly unknown[]): Live {
  const [row] = rows as {
    version: number
    generation: number
    position: string
    as_of: string | null
    parked: string
  }[]
  const { version, generation, position, as_of: asOf, parked } = row!
  return { version, generation, checkpoint: BigInt(position), about: { asOf, parked: Number(parked) } }
}

const ofPoll = (version: number, poll: string, kind: PeriodKind): string =>
  `version = ${version} and poll = ${pg.escapeLiteral(poll)} and kind in ('both', '${kind}')`

/** Moments beyond what the server can tell are as good as no bound. */
function within(from: number, to: number): string {
  const bound = (time: number) =>
    `to_timestamp(${Math.max(-62_167_219_200, Math.min(time / 1000, 253_402_300_800))})`
  return `start >= ${bound(from)} and start < ${bound(to)}`
}

async function* nothing(): AsyncGenerator<never[]> {}

async function* parsed<T>(
  batches: AsyncIterable<readonly string[]>,
  parse: (fields: readonly string[]) => T,
): AsyncGenerator<T[]> {
  for await (const lines of batches) yield lines.map((line) => parse(line.split('\t')))
}

const countsFrom = (fields: readonly string[]) => ({
  start: Number(fields[0]) * 1000,
  position: BigInt(fields[1]!),
  counted: Number(fields[2]),
  excluded: Number(fields[3]),
  withdrawn: Number(fields[4]),
})

const sumsFrom = (fields: readonly string[]): PeriodSums => ({
  ...countsFrom(fields),
  sums: integersOf(fields[5]!),
  sumSquares: integersOf(fields[6]!),
})

const aggregateFrom = (fields: readonly string[]): PeriodAggregate => ({
  ...countsFrom(fields),
  categories: categoriesOf(fields[5]!),
})

const storedFrom = (fields: readonly string[]): StoredPeriod => {
  const { start, ...counts } = countsFrom(fields)
  const [histograms, sums, sumSquares, poll, kind] = fields.slice(5) as [
    string,
    string,
    string,
    string,
    StoredKind,
  ]
  return { poll, start, kind, packed: { ...counts, sums, sumSquares, histograms } }
}
