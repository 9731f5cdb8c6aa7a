/** Numbered SQL files, each applied once, in order; safe when several processes start at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Migration, readMigrations } from './migrations.ts'
import { refuseRunning } from './running-programs.ts'
import { readApplied, refuseTooNew, refuseTooOld } from './schema.ts'

/** The oldest that the tests were run on. PostgreSQL's own people mend none that is older. */
const OLDEST = 15

/** It would fail later, in the middle of something. */
export class PostgresTooOld extends Error {
  override readonly name = 'PostgresTooOld'
  readonly version: string
  readonly oldest = String(OLDEST)

  constructor(version: string) {
    super(`PostgreSQL ${version} is too old: ${OLDEST} or newer is needed.`)
    this.version = version
  }
}

/**
 * Whoever waits for a table keeps everybody waiting who comes after: so a migration does not wait for long, and
 * tries again. Both in milliseconds; people are given an answer in spite of the first.
 */
const LOCK_MS = 1000
const PAUSE_MS = 500
const TRIES = 20

/**
 * Brings the schema up to date. A schema that is newer, and that this program may still use, is left as it is.
 * @param onWarning told, in sentences, of what the server does not allow and everything else works without
 * @returns the names of the migrations that this call applied
 * @throws {SchemaTooNew | OldProgramsRun | PostgresTooOld}
 */
export async function migrate(
  databaseUrl: string,
  onWarning: (sentence: string) => void = () => {},
  migrations?: readonly Migration[],
): Promise<string[]> {
  return await withClient(databaseUrl, onWarning, async (client) => {
    const known = migrations ?? (await readMigrations())
    await createTable(client)
    refuseTooNew(known, await readApplied(client))
    const applied: string[] = []
    for (const migration of known) if (await applyPatiently(client, migration)) applied.push(migration.name)
    return applied
  })
}

/** For a process that leaves migrating to others. @throws {SchemaTooNew | SchemaTooOld | PostgresTooOld} */
export async function mustFit(databaseUrl: string, migrations?: readonly Migration[]): Promise<void> {
  await withClient(
    databaseUrl,
    () => {},
    async (client) => {
      const known = migrations ?? (await readMigrations())
      const applied = await readApplied(client)
      refuseTooNew(known, applied)
      refuseTooOld(known, applied)
    },
  )
}

async function withClient<T>(
  databaseUrl: string,
  onWarning: (sentence: string) => void,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  // A lost connection fails the statement under way; without a listener it would end the process too.
  client.on('error', () => {})
  client.on('notice', ({ severity, message }) => severity === 'WARNING' && message && onWarning(message))
  await client.connect()
  try {
    await refuseOlder(client)
    return await work(client)
  } finally {
    await client.end()
  }
}

async function refuseOlder(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show server_version')
  const version = String(rows[0].server_version)
  if (Number.parseInt(version, 10) < OLDEST) throw new PostgresTooOld(version)
}

async function createTable(client: pg.Client): Promise<void> {
  // `create table if not exists` is not safe against itself: rivals go one after the other.
  await client.query(`
    begin;
    select pg_advisory_xact_lock(7461, 0);
    create table if not exists migrations (
      id         integer     not null primary key,
      name       text        not null,
      applied_at timestamptz not null default now()
    );
    commit;
  `)
}

async function applyPatiently(client: pg.Client, migration: Migration): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await apply(client, migration)
    } catch (error) {
      // Nobody gave way in time, or two waited for each other.
      const isLocked = /^(55P03|40P01)$/.test((error as pg.DatabaseError).code ?? '')
      if (!isLocked) throw error
      if (tries === TRIES)
        throw new Error(
          `${migration.name} needs a table that others never let go of: end what has been running for long, and try again.`,
          { cause: error },
        )
      await sleep(PAUSE_MS)
    }
  }
}

/** The row comes first: a rival waits on it and then finds it there. */
async function apply(client: pg.Client, migration: Migration): Promise<boolean> {
  const { id, name, sql, oldestProgram } = migration
  await client.query('begin')
  try {
    const { rowCount } = await client.query(
      'insert into migrations (id, name) values ($1, $2) on conflict do nothing',
      [id, name],
    )
    if (rowCount === 1) {
      await client.query(`set local lock_timeout = ${LOCK_MS}`)
      if (oldestProgram !== null) await refuseRunning(client, { name, oldestProgram })
      await client.query(sql)
      if (oldestProgram !== null)
        await client.query('update migrations set oldest_program = $2 where id = $1', [id, oldestProgram])
    }
    await client.query('commit')
    return rowCount === 1
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
