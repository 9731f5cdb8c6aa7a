import pg from 'pg'
import type { Config } from '../config.ts'
import { type EmbeddedServer, useEmbeddedServer } from './embedded-server.ts'
import { migrate } from './migrate.ts'

export interface Database {
  /** Connection string. */
  readonly url: string
  /** The migrations that were applied now. */
  readonly migrated: readonly string[]
  /** Close your own connections first. */
  close(): Promise<void>
}

/**
 * The PostgreSQL of DATABASE_URL, or the embedded one, with an up-to-date schema.
 * @param onRestart told when the embedded server was found dead and has been started again
 * @throws with one sentence on what is wrong and what to write instead
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  onRestart?: (error?: Error) => void,
): Promise<Database> {
  if (config.databaseUrl === undefined) return await openEmbedded(config.dataDir, onRestart)
  const url = config.databaseUrl
  try {
    return { url, migrated: await migrate(url), close: async () => {} }
  } catch (error) {
    throw explainConnection(error as Error, url)
  }
}

async function openEmbedded(dataDir: string, onRestart?: (error?: Error) => void): Promise<Database> {
  const server: EmbeddedServer = await useEmbeddedServer(dataDir, onRestart)
  try {
    return { url: server.url, migrated: await migrate(server.url), close: () => server.release() }
  } catch (error) {
    await server.release()
    throw error
  }
}

/** What went wrong with DATABASE_URL, in one sentence that says what to write instead. Never shows the password. */
function explainConnection(error: Error, databaseUrl: string): Error {
  const { hostname, port, pathname, username } = new URL(databaseUrl)
  const server = `${hostname}:${port || 5432}`
  const code = (error as NodeJS.ErrnoException).code
  const explain = (sentence: string) => new Error(`DATABASE_URL: ${sentence}`, { cause: error })
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return explain(
        `the host "${hostname}" does not resolve. If it is a container's name, write 127.0.0.1 outside the containers: ` +
          `postgres://${username}:…@127.0.0.1:${port || 5432}${pathname}`,
      )
    case 'ECONNREFUSED':
      return explain(
        `nothing listens on ${server}. Start PostgreSQL there, or unset the variable to use the embedded one.`,
      )
    case '28P01':
    case '28000':
      return explain(`${server} refuses the user "${username}" with this password.`)
    case '3D000':
      return explain(
        `${server} has no database "${pathname.slice(1)}". Create it: createdb -h ${hostname} ${pathname.slice(1)}`,
      )
    default:
      return error instanceof pg.DatabaseError || code !== undefined || isConnectionTrouble(error)
        ? explain(`${server}: ${error.message}`)
        : error
  }
}

/** What `pg` says without a code: the peer hangs up, keeps silent, speaks something else, or wants a password. */
const isConnectionTrouble = ({ message }: Error): boolean =>
  /^(Connection terminated|timeout expired|SASL|The server does not support SSL|.*invalid response)/.test(
    message,
  )
