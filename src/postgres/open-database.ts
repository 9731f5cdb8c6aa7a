import pg from 'pg'
import type { Config } from '../config.ts'
import { FirstContact, isOutOfReach, isUnresolved, type Patience } from '../first-contact.ts'
import { type EmbeddedServer, type EmbeddedServerOptions, useEmbeddedServer } from './embedded-server.ts'
import { migrate, mustFit, PostgresTooOld } from './migrate.ts'
import { SchemaRefused, SchemaTooOld } from './schema.ts'

export interface Database {
  /** Connection string. */
  readonly url: string
  /** The migrations that were applied now. */
  readonly migrated: readonly string[]
  /** Close your own connections first. */
  close(): Promise<void>
}

/** Tries again what fails because PostgreSQL is lost while the program is starting. @throws with one sentence */
export const tryDatabaseAgain = <T>(
  url: string,
  attempt: () => Promise<T>,
  isLost: (error: Error) => boolean,
  patience?: Patience,
): Promise<T> => contact.tryAgain(serverOf(url), attempt, isLost, patience)

interface OpenDatabaseOptions extends Patience {
  /** What becomes of the embedded server. */
  readonly embedded?: EmbeddedServerOptions
  /** Told, in a sentence, of what the server does not allow and everything else works without. */
  readonly onWarning?: (sentence: string) => void
}

const contact = new FirstContact({
  variable: 'DATABASE_URL',
  product: 'PostgreSQL',
  otherwise: 'use the embedded one',
})

/** For a URL of DATABASE_REPLICA_URLS. */
export const replicaContact = new FirstContact({
  variable: 'DATABASE_REPLICA_URLS',
  product: 'PostgreSQL',
  otherwise: 'read from the primary alone',
})

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'dataDir'> & Partial<Pick<Config, 'migrate'>>

/**
 * The PostgreSQL of DATABASE_URL, or the embedded one, with a schema that this program can use: brought up to date,
 * or, where others do that, waited for.
 * @throws with one sentence on what is wrong and what to write instead
 */
export async function openDatabase(
  config: DatabaseConfig,
  options: OpenDatabaseOptions = {},
): Promise<Database> {
  if (config.databaseUrl === undefined) return await openEmbedded(config, options)
  const url = sayTls(config.databaseUrl)
  try {
    const migrated = await contact.tryPatiently(
      serverOf(url),
      () => prepare(url, config, options),
      mayPass,
      options,
    )
    return { url, migrated, close: async () => {} }
  } catch (error) {
    throw explainConnection(error as Error, url)
  }
}

async function openEmbedded(config: DatabaseConfig, options: OpenDatabaseOptions): Promise<Database> {
  const server: EmbeddedServer = await useEmbeddedServer(config.dataDir, options.embedded)
  try {
    const migrated = await prepare(server.url, config, options)
    return { url: server.url, migrated, close: () => server.release() }
  } catch (error) {
    await server.release()
    throw error instanceof SchemaRefused ? sayRefusal(error) : error
  }
}

/** @returns the migrations that were applied now */
async function prepare(
  url: string,
  { migrate: who = 'auto' }: DatabaseConfig,
  { onWarning }: OpenDatabaseOptions,
): Promise<readonly string[]> {
  if (who === 'auto') return await migrate(url, onWarning)
  await mustFit(url)
  return []
}

/** What is written for people, as an error whose message is enough. */
const sayRefusal = (error: SchemaRefused): Error => new Error(error.message, { cause: error })

/**
 * Today the driver takes all of these for `verify-full`; it warns at length that this will change. Said so, it stays.
 * With `uselibpqcompat=true` they mean what libpq means.
 */
export const sayTls = (databaseUrl: string): string =>
  /[?&]uselibpqcompat=true(&|$)/.test(databaseUrl)
    ? databaseUrl
    : databaseUrl.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full')

const serverOf = (databaseUrl: string): string => {
  const { hostname, port } = new URL(databaseUrl)
  return `${hostname}:${port || 5432}`
}

/**
 * Beside what the network says: PostgreSQL is starting, stopping, or full; and whoever forwards a container's port
 * hangs up while nobody listens in the container.
 */
const mayPass = (error: Error): boolean =>
  // Somebody else is about to migrate.
  error instanceof SchemaTooOld ||
  isUnresolved(error) ||
  isOutOfReach(error) ||
  /^(57P0[123]|53300)$/.test(codeOf(error)) ||
  error.message.startsWith('Connection terminated')

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

/**
 * What went wrong with DATABASE_URL, in one sentence that says what to write instead. Never shows the password.
 * @param of which setting has the URL
 */
export function explainConnection(error: Error, databaseUrl: string, of = contact): Error {
  const { protocol, hostname, port, pathname, username } = new URL(databaseUrl)
  const server = serverOf(databaseUrl)
  const credentials = `${protocol}//user:password@${server}${pathname}`
  if (error instanceof SchemaRefused) return sayRefusal(error)
  if (error instanceof PostgresTooOld) return of.tooOld(server, error.version, error.oldest, error)
  if (isUnresolved(error))
    return of.unresolved(
      hostname,
      `${protocol}//${username && `${username}:…@`}127.0.0.1:${port || 5432}${pathname}`,
      error,
    )
  if (error.message.includes('password must be a string')) return of.wantsPassword(server, credentials, error)
  if (error.message.startsWith('timeout expired')) return of.silent(server, error)
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return of.nobodyListens(server, error)
    case '28P01':
      return of.wrongPassword(server, username || quotedIn(error), credentials, error)
    case '3D000':
      return of.explain(missingDatabase(error, new URL(databaseUrl)), error)
    case '42501':
      return of.explain(notAllowed(error, server, decodeURIComponent(username)), error)
    default:
      return explainOther(error, server, of)
  }
}

function missingDatabase(error: Error, { protocol, hostname, port, host, pathname, username }: URL): string {
  const name = decodeURIComponent(pathname.slice(1))
  if (name === '')
    return (
      `it names no database, and there is none called like the user, "${quotedIn(error)}". ` +
      `Write its name at the end: ${protocol}//user:password@${host}/taxbudget`
    )
  const user = username && ` -U ${decodeURIComponent(username)}`
  const how = `createdb -h ${hostname.replace(/^\[|\]$/g, '')} -p ${port || 5432}${user} ${name}`
  return `${hostname}:${port || 5432} has no database "${name}". Create it: ${how}`
}

/** Since PostgreSQL 15 a new user may make nothing in a database of another's: so it is with managed ones. */
function notAllowed({ message }: Error, server: string, user: string): string {
  const how = `grant create on schema public to ${user || 'the user'}`
  return `${server}: ${message}${message.endsWith('schema public') ? `. Let the database's owner do this in it: ${how}` : ''}`
}

function explainOther(error: Error, server: string, of: FirstContact): Error {
  if (error.message.includes('does not support SSL'))
    return of.explain(`${server} does not speak TLS. Leave sslmode out of the URL.`, error)
  // What `pg` says without a code, when the peer hangs up or speaks something else.
  if (/^(Connection terminated|SASL|.*invalid response)/.test(error.message))
    return of.notTheProduct(server, error)
  if (error instanceof pg.DatabaseError || codeOf(error) !== '') {
    const hint = error.message.endsWith('no encryption') ? '. If it wants TLS, add ?sslmode=verify-full' : ''
    return of.explain(`${server}: ${error.message}${hint}`, error)
  }
  return error
}

/** The name that is in question: without one in the URL it is the system user's, which the server repeats. */
const quotedIn = (error: Error): string => /"(.*)"/.exec(error.message)?.[1] ?? ''
