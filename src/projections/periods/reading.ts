import type pg from 'pg'
import type { Position } from '../../events/event-log.ts'
import { copyLines } from '../../postgres/copy-lines.ts'

const begin = (version: number | undefined) => `
  begin isolation level repeatable read read only;
  select version, generation, position, pg_backend_pid() as pid from projections
   where name = 'periods' and ${version === undefined ? `status = 'live'` : `version = ${version}`}`

/** One question to the stored periods on a connection of its own: the checkpoint and the rows are of one moment. */
export class Reading {
  readonly #pool: pg.Pool
  readonly #client: pg.PoolClient
  readonly #silenceMs: number
  readonly #signal: AbortSignal | undefined
  #state: 'waiting' | 'reading' | 'over' = 'waiting'
  #pid = 0
  checkpoint: Position = 0n
  version = 0
  generation = 0

  constructor(pool: pg.Pool, client: pg.PoolClient, silenceMs: number, signal: AbortSignal | undefined) {
    this.#pool = pool
    this.#client = client
    this.#silenceMs = silenceMs
    this.#signal = signal
    // A lost connection fails what is under way; without a listener it would end the process too.
    client.on('error', ignore)
    signal?.addEventListener('abort', this.#giveUp, { once: true })
  }

  /** Takes the moment, of the live version if none is named. Who does not begin to read soon after has lost it. */
  async begin(version?: number): Promise<void> {
    try {
      const [, found] = (await this.#client.query(begin(version))) as unknown as pg.QueryResult[]
      const { version: read, generation, position, pid } = found!.rows[0]
      this.version = read
      this.generation = generation
      this.checkpoint = BigInt(position)
      this.#pid = pid
    } catch (error) {
      this.#giveUp()
      throw error
    }
    setTimeout(() => this.#state === 'waiting' && this.#giveUp(), this.#silenceMs).unref()
  }

  /** The moment is not used. */
  abandon(): void {
    this.#end(false)
  }

  /** A small question of the same moment. */
  async rows(select: string): Promise<unknown[]> {
    try {
      return (await this.#client.query(select)).rows
    } catch (error) {
      this.#giveUp()
      throw error
    }
  }

  /** The rows of a select in COPY's text format, once. Whoever stops half-way, or aborts, ends it on the server too. */
  async *lines(select: string): AsyncGenerator<string[]> {
    if (this.#state !== 'waiting') throw new Error('the reader came too late: the moment has passed')
    this.#state = 'reading'
    const options = { silenceMs: this.#silenceMs, signal: this.#signal }
    let complete = false
    try {
      this.#signal?.throwIfAborted()
      yield* copyLines(this.#client, `copy (${select}) to stdout`, options)
      await this.#client.query('commit')
      complete = true
    } finally {
      this.#end(complete)
    }
  }

  readonly #giveUp = () => this.#end(false)

  #end(complete: boolean): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#signal?.removeEventListener('abort', this.#giveUp)
    this.#client.off('error', ignore)
    this.#client.release(!complete)
    // The server would notice only when it next sends something.
    if (!complete) void this.#pool.query('select pg_terminate_backend($1)', [this.#pid]).catch(ignore)
  }
}

const ignore = () => {}
