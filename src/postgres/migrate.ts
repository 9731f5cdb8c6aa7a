/** Numbered SQL files, each applied once, in order; safe when several processes start at once. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

interface Migration {
  readonly id: number
  readonly name: string
}

const FOLDER = join(import.meta.dirname, '..', '..', 'infra', 'migrations')

/** The database was made by a newer program than this one: whoever uses it would harm it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew'
}

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
 * Brings the schema up to date.
 * @param onWarning told, in sentences, of what the server does not allow and everything else works without
 * @returns the names of the migrations that this call applied
 * @throws {SchemaTooNew | PostgresTooOld}
 */
export async function migrate(
  databaseUrl: string,
  onWarning: (sentence: string) => void = () => {},
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  // A lost connection fails the statement under way; without a listener it would end the process too.
  client.on('error', () => {})
  client.on('notice', ({ severity, message }) => severity === 'WARNING' && message && onWarning(message))
  await client.connect()
  try {
    await refuseOlder(client)
    await createTable(client)
    const migrations = await listMigrations()
    await refuseNewer(client, migrations.at(-1)!.id)
    const applied: string[] = []
    for (const migration of migrations) if (await apply(client, migration)) applied.push(migration.name)
    return applied
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

async function listMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{6}_.*\.sql$/.test(name)).sort()
  return names.map((name) => ({ id: Number(name.slice(0, 6)), name }))
}

async function refuseNewer(client: pg.Client, newest: number): Promise<void> {
  const { rows } = await client.query(
    'select id, name from migrations where id > $1 order by id desc limit 1',
    [newest],
  )
  if (rows.length > 0)
    throw new SchemaTooNew(
      `The database has the schema ${rows[0].name}, made by a newer version of this program: update this one.`,
    )
}

/** The row comes first: a rival waits on it and then finds it there. */
async function apply(client: pg.Client, { id, name }: Migration): Promise<boolean> {
  await client.query('begin')
  try {
    const { rowCount } = await client.query(
      'insert into migrations (id, name) values ($1, $2) on conflict do nothing',
      [id, name],
    )
    if (rowCount === 1) await client.query(await readFile(join(FOLDER, name), 'utf8'))
    await client.query('commit')
    return rowCount === 1
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
