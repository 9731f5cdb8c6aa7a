import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { endClient } from './end-client.ts'

/** Locks of this program, by number: no two parts may use the same. 0, 1 and 100 are used in SQL. */
export const locks = {
  categoryAggregateProjector: 10,
  relay: 11,
  submissionsProjector: 12,
  archive: 13,
  pollStates: 14,
  categoryAggregateBuilder: 15,
  submissionsBuilder: 16,
} as const

export interface HeldLock {
  /** Aborts when the lock is lost: the holder must stop at once. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

const PROBE_MS = 2000
const TRY_EVERY_MS = 500

/** A holder that the server has not heard of for so long has lost the lock: the network may have swallowed its end. */
const SILENCE_MS = 10_000

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
  await client.connect()
  try {
    await giveUpOnSilence(client)
    await wait(client, lock, signal)
  } catch (error) {
    void endClient(client)
    throw error
  }
  const probing = setInterval(() => void probe(client, lost), PROBE_MS)
  const release = async () => {
    clearInterval(probing)
    await endClient(client)
  }
  return { lost: lost.signal, release }
}

/** PostgreSQL older than 14 does not know this setting; its TCP notices after hours. */
const giveUpOnSilence = (client: pg.Client) =>
  client.query({
    text: `select set_config(name, $1, false) from pg_settings where name = 'idle_session_timeout'`,
    values: [String(SILENCE_MS)],
    query_timeout: 5000,
  } as pg.QueryConfig)

/**
 * Tries again and again instead of waiting in the server: a statement that waits there keeps old rows from being
 * vacuumed for as long as it waits, and outlives a client that has gone.
 */
async function wait(client: pg.Client, lock: number, signal: AbortSignal): Promise<void> {
  const query = {
    text: 'select pg_try_advisory_lock(7461, $1) as held',
    values: [lock],
    query_timeout: 5000,
  } as pg.QueryConfig
  for (;;) {
    signal.throwIfAborted()
    const { rows } = await client.query(query)
    if (rows[0].held) return
    await sleep(TRY_EVERY_MS, undefined, { signal })
  }
}

/** A peer that has gone silent sends no error: ask, and take silence for loss. */
async function probe(client: pg.Client, lost: AbortController): Promise<void> {
  await client
    .query({ text: 'select 1', query_timeout: PROBE_MS } as pg.QueryConfig)
    .catch(() => lost.abort())
}
