/** A managed PostgreSQL may allow less than ours: the schema comes all the same, and says what is left out. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EmbeddedServer, useEmbeddedServer } from '../../src/postgres/embedded-server.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { documentation, recipe } from './login.ts'

const byHand = recipe('create role taxbudget_analyst')
const migrations = join(import.meta.dirname, '../../infra/migrations')
/** As `cat infra/migrations/*_analyst_*.sql | psql` runs them. */
const views = readdirSync(migrations)
  .filter((name) => /_analyst_.*\.sql$/.test(name))
  .sort()
  .map((name) => readFileSync(join(migrations, name), 'utf8'))

let server: EmbeddedServer
let dataDir: string
beforeAll(async () => {
  // A server of one's own: on the others the role is there already.
  dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-refused-'))
  server = await useEmbeddedServer(dataDir)
}, 60_000)
afterAll(async () => {
  await server?.release()
  await rm(dataDir, { recursive: true, force: true })
})

const urlOf = (database: string, username?: string) =>
  Object.assign(new URL(server.url), {
    pathname: `/${database}`,
    ...(username && { username, password: 'p' }),
  }).href

async function on(url: string, ...statements: readonly string[]) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    let rows: unknown[] = []
    for (const statement of statements) ({ rows } = await client.query(statement))
    return rows
  } finally {
    await client.end()
  }
}

/** Migrates as a user who may do no more than the statements allow. @returns the warnings */
async function migrateAs(user: string, ...allowed: readonly string[]): Promise<string[]> {
  await on(server.url, `create role ${user} login password 'p'`, `create database db_${user}`)
  await on(urlOf(`db_${user}`), `grant create on schema public to ${user}`, ...allowed)
  const warnings: string[] = []
  await migrate(urlOf(`db_${user}`, user), (sentence) => warnings.push(sentence))
  return warnings
}

const viewsIn = async (database: string) =>
  (await on(urlOf(database), "select viewname from pg_views where schemaname = 'analyst' order by 1")).length

it('given a user who may not create schemas, leaves the views out and says so; by hand they come later', async () => {
  expect(await migrateAs('poor')).toEqual([
    'The views for analysts are left out: poor may not create a schema. docs/analysts.md says what to do.',
  ])
  expect(await viewsIn('db_poor')).toBe(0)
  await on(server.url, 'grant create on database db_poor to poor')
  await on(urlOf('db_poor', 'poor'), ...views)
  expect(await viewsIn('db_poor')).toBe(10)
})

it('given a user who may not create roles, makes the views, and says that the role is left out; by hand it comes later', async () => {
  expect(await migrateAs('plain', 'grant create on database db_plain to plain')).toEqual([
    'The role taxbudget_analyst is left out: permission denied to create role. docs/analysts.md says how to make it by hand.',
  ])
  expect(await viewsIn('db_plain')).toBe(10)
  await on(urlOf('db_plain'), byHand, "create role ana login password 'p' in role taxbudget_analyst")
  expect(await on(urlOf('db_plain', 'ana'), 'select * from analyst.polls')).toEqual([])
  await expect(on(urlOf('db_plain', 'ana'), 'select * from events')).rejects.toThrow('permission denied')
})

it('given the role is there, lets it read another database’s views, too, and those that are added later', async () => {
  await on(server.url, 'create database third')
  const warnings: string[] = []
  await migrate(urlOf('third'), (sentence) => warnings.push(sentence))
  expect(warnings).toEqual([])
  await on(urlOf('third'), 'create view analyst.later as select 1 as one')
  expect(await on(urlOf('third', 'ana'), 'select * from analyst.later')).toEqual([{ one: 1 }])
})

it('given the embedded server, then psql finds it as the documentation says', async () => {
  const [, passwordFile, portFile, user, database] =
    /PGPASSWORD=\$\(cat \.data\/([\w-]+)\) psql -h 127\.0\.0\.1 -p \$\(cat \.data\/([\w-]+)\) -U (\w+) -d (\w+)/.exec(
      documentation,
    )!
  const read = (file: string) => readFileSync(join(dataDir, file), 'utf8')
  const url = `postgres://${user}:${read(passwordFile!)}@127.0.0.1:${read(portFile!)}/${database}`
  await migrate(url, () => {})
  expect(await on(url, 'select count(*)::int as polls from analyst.polls')).toEqual([{ polls: 0 }])
})

it('given a user who may make nothing in the database, as in a managed one, then what allows it is said', async () => {
  await on(server.url, `create role bare login password 'p'`, 'create database db_bare')
  const databaseUrl = urlOf('db_bare', 'bare')
  await expect(openDatabase({ databaseUrl, dataDir: '/nowhere' })).rejects.toThrow(
    /^DATABASE_URL: \S+: permission denied for schema public\. Let the database's owner do this in it: grant create on schema public to bare$/,
  )
  await on(urlOf('db_bare'), 'grant create on schema public to bare')
  const database = await openDatabase({ databaseUrl, dataDir: '/nowhere' })
  expect(database.migrated.length).toBeGreaterThan(10)
  await database.close()
})
