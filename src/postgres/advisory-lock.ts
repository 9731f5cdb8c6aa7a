import pg from 'pg'

/** Locks of this program, by number: no two parts may use the same. 0, 1 and 100 are used in SQL. */
export const locks = { categoryAggregateProjector: 10 } as const

export interface HeldLock {
  /** Aborts when the lock is lost: the holder must stop at once. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

const PROBE_MS = 2000

/**
 * Waits until this process alone holds the lock, on a connection of its own.
 * @param signal gives up waiting
 * @throws when the server cannot be reached or is lost while waiting
 */
export async function holdAdvisoryLock(
  databaseUrl: string,
  lock: number,
  signal: AbortSignal,
): Promise<HeldLock> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget lock',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  })
  const lost = new AbortController()
  client.on('error', () => lost.abort())
  client.on('end', () => lost.abort())
  const giveUp = () => void client.end().catch(() => {})
  await client.connect()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    signal.throwIfAborted()
    await client.query('select pg_advisory_lock(7461, $1)', [lock])
  } catch (error) {
    giveUp()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  const probing = setInterval(() => void probe(client, lost), PROBE_MS)
  const release = async () => {
    clearInterval(probing)
    await client.end().catch(() => {})
  }
  return { lost: lost.signal, release }
}

/** A peer that has gone silent sends no error: ask, and take silence for loss. */
async function probe(client: pg.Client, lost: AbortController): Promise<void> {
  await client
    .query({ text: 'select 1', query_timeout: PROBE_MS } as pg.QueryConfig)
    .catch(() => lost.abort())
}
