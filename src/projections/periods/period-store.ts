/** Reads the periods that the projector keeps in the table `period_aggregates`. */
import pg from 'pg'
import { type Position, START } from '../../events/event-log.ts'
import { endingOf } from '../../postgres/end-client.ts'
import type { PeriodAggregate, PeriodKind, PeriodReader, PeriodSums } from '../period-aggregate.ts'
import { categoriesOf, type StoredKind } from './period-row.ts'
import { Reading } from './reading.ts'

export interface PeriodStoreOptions {
  readonly databaseUrl: string
  /** How long a reader waits for a connection, or for the next piece of an answer, milliseconds. */
  readonly deadlineMs?: number
}

/** A period of one poll and kind as it is stored, with its poll. */
export interface StoredPeriod extends PeriodAggregate {
  readonly poll: string
  readonly kind: StoredKind
}

const SECONDS = 'extract(epoch from start)::bigint'
const COUNTS = 'position, counted, excluded, withdrawn'

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
    { since, signal }: { readonly since: Position; readonly signal?: AbortSignal },
  ): Promise<{ version: number; checkpoint: Position; periods: AsyncIterable<readonly PeriodSums[]> }> {
    // Most who ask know everything already: that is one question, not a transaction.
    const live = since > START ? await this.#live() : undefined
    if (live?.checkpoint === since) return { ...live, periods: nothing() }
    const reading = await this.#begin(signal)
    const { checkpoint, version } = reading
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, sums, sum_squares from period_aggregates
       where ${ofPoll(version, poll, kind)} and position > ${since} order by start`)
    return { version, checkpoint, periods: parsed(lines, sumsFrom) }
  }

  async *aggregates(
    poll: string,
    kind: PeriodKind,
    { from, to, signal }: { readonly from: number; readonly to: number; readonly signal?: AbortSignal },
  ): AsyncGenerator<readonly PeriodAggregate[]> {
    const reading = await this.#begin(signal)
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, histograms from period_aggregates
       where ${ofPoll(reading.version, poll, kind)} and ${within(from, to)} order by start`)
    yield* parsed(lines, aggregateFrom)
  }

  /** Every period of every poll, in no order, with the checkpoint at that moment: to be compared with a replay. */
  async everything(
    signal?: AbortSignal,
  ): Promise<{ checkpoint: Position; periods: AsyncIterable<readonly StoredPeriod[]> }> {
    const reading = await this.#begin(signal)
    const lines = reading.lines(`
      select ${SECONDS}, ${COUNTS}, histograms, poll, kind from period_aggregates where version = ${reading.version}`)
    return { checkpoint: reading.checkpoint, periods: parsed(lines, storedFrom) }
  }

  async #live(): Promise<{ version: number; checkpoint: Position }> {
    const { rows } = await this.#pool.query<{ version: number; position: string }>(
      `select version, position from projections where name = 'periods' and status = 'live'`,
    )
    return { version: rows[0]!.version, checkpoint: BigInt(rows[0]!.position) }
  }

  async close(): Promise<void> {
    await this.#endPool()
  }

  async #begin(signal: AbortSignal | undefined): Promise<Reading> {
    signal?.throwIfAborted()
    const client = await this.#pool.connect()
    const reading = new Reading(this.#pool, client, this.#deadlineMs, signal)
    await reading.begin()
    return reading
  }
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

/** An array as the server writes it: `{1,2}`. */
const integersFrom = (field: string): number[] => field.slice(1, -1).split(',').map(Number)

const sumsFrom = (fields: readonly string[]): PeriodSums => ({
  ...countsFrom(fields),
  sums: integersFrom(fields[5]!),
  sumSquares: integersFrom(fields[6]!),
})

const aggregateFrom = (fields: readonly string[]): PeriodAggregate => ({
  ...countsFrom(fields),
  categories: categoriesOf(fields[5]!),
})

const storedFrom = (fields: readonly string[]): StoredPeriod => ({
  ...aggregateFrom(fields),
  poll: fields[6]!,
  kind: fields[7] as StoredKind,
})
