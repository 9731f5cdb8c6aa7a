import type pg from 'pg'

/** A goodbye that is not answered within this time is left unanswered. */
const GOODBYE_MS = 1000

/** Disconnects. A server that has gone silent is not waited for. */
export async function endClient(client: pg.Client): Promise<void> {
  const silent = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS)
  await client.end().catch(() => {})
  clearTimeout(silent)
}

/** Keeps track of a pool's connections. @returns ends the pool, and cuts off whoever does not let go in time */
export function endingOf(pool: pg.Pool): () => Promise<void> {
  const open = new Set<pg.PoolClient>()
  pool.on('connect', (client) => open.add(client))
  pool.on('remove', (client) => open.delete(client))
  return async () => {
    const gone = new Promise<void>((resolve) => {
      pool.on('remove', () => open.size === 0 && resolve())
      if (open.size === 0) resolve()
    })
    const silent = setTimeout(() => {
      for (const client of open) client.connection.stream.destroy()
    }, GOODBYE_MS)
    await pool.end()
    await gone
    clearTimeout(silent)
  }
}
