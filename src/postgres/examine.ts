import pg from 'pg'
import type { FirstContact } from '../first-contact.ts'
import { readClock, type ServerReport } from '../server-report.ts'
import { endClient } from './end-client.ts'
import { explainConnection } from './open-database.ts'

/** A server that says nothing for so long is silent. */
const SILENCE_MS = 3000

/**
 * Looks at a PostgreSQL over a connection of its own.
 * @param of which setting has the URL, if not DATABASE_URL
 * @throws one sentence on what is wrong with it, or with its URL
 */
export async function examinePostgres(databaseUrl: string, of?: FirstContact): Promise<ServerReport> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget doctor',
    connectionTimeoutMillis: SILENCE_MS,
    query_timeout: SILENCE_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    // The first question on a connection takes longer than any other.
    const { rows } = await client.query(`
      select current_setting('server_version') as version,
             (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
             current_setting('max_connections') as most`)
    const asked = Date.now()
    const started = performance.now()
    const clock = await client.query('select extract(epoch from clock_timestamp()) * 1000 as ms')
    const latencyMs = performance.now() - started
    const { version, connections, most } = rows[0]
    return {
      version: version.split(' ')[0],
      latencyMs,
      clock: readClock(Number(clock.rows[0].ms), asked, Date.now()),
      remarks: [`${connections} of ${most} connections`],
    }
  } catch (error) {
    throw explainConnection(error as Error, databaseUrl, of)
  } finally {
    await endClient(client)
  }
}
