import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { endClient } from '../../postgres/end-client.ts'

/** Even if a notification is lost, followers look after this time. */
const POLL_MS = 1000
const RECONNECT_MS = 200
/** A connection that only listens hears nothing of its own loss: it is asked so often, and must answer as soon. */
const PROBE_MS = 2000
/** Wake-ups are at least so far apart. A lone event is told at once; of a thousand commits a second, many go together. */
const REST_MS = 20

/**
 * Yields whenever the log may have grown: at once, on each NOTIFY of `append_events`, after every lost connection, and
 * once a second in any case. Ends when `signal` aborts.
 * @param onConnection told of a lost connection (with the error) and of the next success (with nothing)
 */
export async function* wakeUps(
  databaseUrl: string,
  signal: AbortSignal,
  onConnection: (error?: Error) => void,
): AsyncGenerator<void> {
  const bell = new Bell()
  const ring = () => bell.ring()
  signal.addEventListener('abort', ring, { once: true })
  const listening = keepListening(databaseUrl, signal, ring, onConnection)
  try {
    while (!signal.aborted) {
      const woken = performance.now()
      yield
      await bell.wait(POLL_MS)
      const rest = REST_MS - (performance.now() - woken)
      if (rest > 0) await sleep(rest)
    }
  } finally {
    signal.removeEventListener('abort', ring)
    await listening.stop()
  }
}

/** Rung any number of times, it wakes its one waiter once; rung before the wait, at once. */
class Bell {
  #rung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.#rung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#wake = undefined
    this.#rung = false
  }
}

function keepListening(
  databaseUrl: string,
  signal: AbortSignal,
  ring: () => void,
  onConnection: (error?: Error) => void,
): { stop: () => Promise<void> } {
  const stopped = new AbortController()
  const ended = AbortSignal.any([signal, stopped.signal])
  const loop = async () => {
    while (!ended.aborted) {
      await listenOnce(databaseUrl, ended, ring, onConnection).catch((error: Error) => onConnection(error))
      ring()
      await sleep(RECONNECT_MS, undefined, { signal: ended }).catch(() => {})
    }
  }
  const running = loop()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

/** Listens until the connection is lost or `signal` aborts. */
async function listenOnce(
  databaseUrl: string,
  signal: AbortSignal,
  ring: () => void,
  onConnection: (error?: Error) => void,
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget follower',
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
    keepAlive: true,
  })
  let probing: NodeJS.Timeout | undefined
  const lost = new Promise<Error | undefined>((resolve) => {
    client.on('error', resolve)
    client.on('end', () => resolve(undefined))
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  client.on('notification', ring)
  try {
    await client.connect()
    await client.query('listen event_log')
    onConnection()
    ring()
    const probed = new Promise<Error>((resolve) => {
      probing = setInterval(() => void probe(client).catch(resolve), PROBE_MS)
    })
    const error = await Promise.race([lost, probed])
    if (!signal.aborted) onConnection(error ?? new Error('the connection ended'))
  } finally {
    clearInterval(probing)
    await endClient(client)
  }
}

const probe = (client: pg.Client) =>
  client.query({ text: 'select 1', query_timeout: PROBE_MS } as pg.QueryConfig)
