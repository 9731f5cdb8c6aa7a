import pg from 'pg'
import { endClient, endingOf } from './end-client.ts'
import { type PoolUse, useOf } from './pool-use.ts'

export interface ClientPoolOptions {
  readonly databaseUrl: string
  /** How the server lists its connections. */
  readonly name: string
  readonly size: number
  /** Settings of every connection. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told of every connection that is opened. */
  readonly onConnect?: (client: pg.PoolClient) => void
}

export interface LendOptions {
  /** A connection that is lent for longer is cut off, milliseconds. */
  readonly deadlineMs: number
  /** Ends what the server is doing. */
  readonly signal?: AbortSignal | undefined
}

const CONNECT_MS = 5000

/** Connections for what needs one to itself: transactions with COPY, and reading by COPY. */
export class ClientPool {
  readonly #databaseUrl: string
  readonly #pool: pg.Pool
  readonly #end: () => Promise<void>

  constructor({ databaseUrl, name, size, settings = {}, onConnect = ignore }: ClientPoolOptions) {
    this.#databaseUrl = databaseUrl
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: name,
      max: size,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    })
    // A connection lost while idle is no event: the next one to be lent is another.
    this.#pool.on('error', ignore)
    this.#pool.on('connect', onConnect)
    // Sent before whatever the connection is lent for. One that cannot be set is left as it is.
    const configured = Object.entries(settings).map(([name, value]) => `set ${name} = ${value}`)
    if (configured.length > 0)
      this.#pool.on('connect', (client) => void client.query(configured.join('; ')).catch(ignore))
    this.#end = endingOf(this.#pool)
  }

  get use(): PoolUse {
    return useOf(this.#pool)
  }

  /** Lends a connection to `work`; one that has failed is not lent again. @throws whatever `work` throws */
  async lend<T>(
    work: (client: pg.PoolClient) => Promise<T>,
    { deadlineMs, signal }: LendOptions,
  ): Promise<T> {
    signal?.throwIfAborted()
    const client = await this.#pool.connect()
    // A lost connection fails the statement under way; without a listener it would end the process too.
    client.on('error', ignore)
    const late = setTimeout(() => client.connection.stream.destroy(), deadlineMs)
    let cancelled: Promise<void> | undefined
    const cancel = () => {
      cancelled = this.#cancel(client).catch(ignore)
    }
    signal?.addEventListener('abort', cancel, { once: true })
    let failed = true
    try {
      const result = await work(client)
      failed = signal?.aborted ?? false
      return result
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', cancel)
      // Whoever gets this connection next must not be cancelled in its place.
      await cancelled
      client.off('error', ignore)
      client.release(failed)
    }
  }

  /** Cuts off whoever does not let go in time. */
  async close(): Promise<void> {
    await this.#end()
  }

  /** A server that works on a long statement does not notice that nobody listens any more: it has to be told. */
  async #cancel(client: pg.PoolClient): Promise<void> {
    const messenger = new pg.Client({
      connectionString: this.#databaseUrl,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
    })
    messenger.on('error', ignore)
    try {
      await messenger.connect()
      await messenger.query('select pg_cancel_backend($1)', [
        (client as unknown as { processID: number }).processID,
      ])
    } finally {
      await endClient(messenger)
    }
  }
}

const ignore = (): void => {}
