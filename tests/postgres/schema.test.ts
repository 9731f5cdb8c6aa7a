/** Programs and schemas of different versions: who may go together, who refuses whom, and what is said. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { migrate, mustFit } from '../../src/postgres/migrate.ts'
import { type Migration, migrationOf, programSchema, readMigrations } from '../../src/postgres/migrations.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { OldProgramsRun } from '../../src/postgres/running-programs.ts'
import {
  type AppliedMigration,
  readApplied,
  refuseTooNew,
  refuseTooOld,
  SchemaTooNew,
  SchemaTooOld,
} from '../../src/postgres/schema.ts'
import { SchemaGuard } from '../../src/postgres/schema-guard.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

let database: TestDatabase
let client: pg.Client
let ours: readonly Migration[]
let newest: number

beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client(database.url)
  await client.connect()
  ours = await readMigrations()
  newest = await programSchema()
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const numbered = (id: number) => String(id).padStart(6, '0')
/** The migration that comes so many after ours. */
const next = (steps: number, what: string, sql: string): Migration =>
  migrationOf(`${numbered(newest + steps)}_${what}.sql`, sql)

/** Adds what the next program uses. */
const expand = () => next(1, 'expand', 'alter table daily_sizes add column note text')
/** Takes away what a program needs that does not know the one before. */
const contract = () =>
  next(
    2,
    'contract',
    `-- oldest program: ${numbered(newest + 1)}\nalter table daily_sizes drop column position`,
  )
const applied = async () => (await readApplied(client)).map(({ id, oldestProgram }) => [id, oldestProgram])
const last = async () => (await applied()).at(-1)

async function run(schema: number | null, ago = '1 second') {
  await client.query(
    `insert into processes (id, roles, host, url, version, started_at, seen_at, readiness, memory, figures, schema)
     values ($1, '{web}', 'box', 'http://box:3000', '0.1.0', now(), now() - $2::interval, '{}', 0, '{}', $3)`,
    [randomUUID(), ago, schema],
  )
}

describe('a schema that is newer than the program', () => {
  test('given it only adds, then the program starts beside it, and leaves it as it is', async () => {
    expect(await migrate(database.url, () => {}, [...ours, expand()])).toEqual([expand().name])
    expect(await migrate(database.url)).toEqual([])
    for (const who of ['auto', 'manual'] as const) {
      const opened = await openDatabase({ databaseUrl: database.url, dataDir: '/nowhere', migrate: who })
      expect(opened.migrated).toEqual([])
      await opened.close()
    }
    expect(await last()).toEqual([newest + 1, null])
  })

  test('given it has taken away what the program needs, then the program refuses it, and says what to do', async () => {
    await migrate(database.url, () => {}, [...ours, expand(), contract()])
    expect(await last()).toEqual([newest + 2, newest + 1])
    await expect(migrate(database.url)).rejects.toThrow(SchemaTooNew)
    for (const who of ['auto', 'manual'] as const)
      await expect(
        openDatabase({ databaseUrl: database.url, dataDir: '/nowhere', migrate: who }),
      ).rejects.toThrow(
        `The database has the schema ${contract().name}, made by a newer version of this program: programs that know ` +
          `the migrations up to ${numbered(newest + 1)} can use it, and this one knows them up to ${numbered(newest)}. ` +
          'Update this one.',
      )
    // The program in between may run beside it, though it does not know what was done.
    await mustFit(database.url, [...ours, expand()])
  })
})

describe('a schema that is older than the program', () => {
  test('given MIGRATE=manual, then it is waited for, and the program starts once somebody has migrated', async () => {
    await client.query('delete from migrations where id = $1', [newest])
    const onWaiting = vi.fn()
    const opening = openDatabase(
      { databaseUrl: database.url, dataDir: '/nowhere', migrate: 'manual' },
      { onWaiting, patienceMs: 60_000 },
    )
    await eventually(() => expect(onWaiting).toHaveBeenCalledTimes(1))
    expect(onWaiting.mock.calls[0]![0]).toContain(`this program needs ${ours.at(-1)!.name}`)
    const { id, name } = ours.at(-1)!
    await client.query('insert into migrations (id, name) values ($1, $2)', [id, name])
    expect((await opening).migrated).toEqual([])
  })

  test('given MIGRATE=manual and nobody migrates, then it is refused, and nothing is touched', async () => {
    await client.query('delete from migrations where id > $1', [newest - 2])
    const manual = { databaseUrl: database.url, dataDir: '/nowhere', migrate: 'manual' } as const
    await expect(openDatabase(manual, { patienceMs: 0 })).rejects.toThrow(
      `The database has the schema ${ours.at(-3)!.name}, and this program needs ${ours.at(-1)!.name}. "taxbudget ` +
        'migrate" brings it there, as a deployment does before it starts anything; with MIGRATE=auto every process ' +
        'does so when it starts.',
    )
    expect(await last()).toEqual([newest - 2, null])
  })

  test('given there is none at all, then it says so', async () => {
    const empty = await createTestDatabase({ template: 'template0' })
    try {
      await expect(mustFit(empty.url)).rejects.toThrow(
        /^The database has no schema yet, and this program needs/,
      )
      await expect(mustFit(empty.url)).rejects.toThrow(SchemaTooOld)
    } finally {
      await empty.drop()
    }
  })
})

describe('a migration that takes something away', () => {
  test.each([
    ['of a program that needs it', 0, '1 second', true],
    ['of a program that does not say what it knows', null, '1 second', true],
    ['that was killed a while ago', 0, '1 minute', false],
    ['of a program that no longer needs it', 1, '1 second', false],
  ])('given a process %s, then it is refused or not', async (_, steps, ago, refused) => {
    await run(steps === null ? null : newest + steps, ago)
    const migrating = migrate(database.url, () => {}, [...ours, expand(), contract()])
    if (!refused) return expect(await migrating).toEqual([expand().name, contract().name])
    await expect(migrating).rejects.toThrow(OldProgramsRun)
    await expect(migrating).rejects.toThrow(
      `${contract().name} takes away what programs need that do not know the migrations up to ${numbered(newest + 1)}, ` +
        'and such are running: web at http://box:3000 (version 0.1.0).',
    )
    // What comes before it has been done; of itself nothing is left.
    expect(await last()).toEqual([newest + 1, null])
    await client.query('select position from daily_sizes')
  })

  test.each(['000099', '14', 'the one before', ''])(
    'given it says that the oldest program is %j, then it is no migration',
    (oldest) => {
      expect(() => migrationOf('000020_x.sql', `-- oldest program: ${oldest}\nselect 1;`)).toThrow(
        `000020_x.sql: "-- oldest program: ${oldest}" must name a migration before it`,
      )
    },
  )
})

test('given a table that somebody reads for long, then others who come are answered while a migration waits for it', async () => {
  const reader = new pg.Client(database.url)
  await reader.connect()
  await reader.query('begin; select * from daily_sizes')
  const migrating = migrate(database.url, () => {}, [...ours, expand()])
  // Others wait in other databases of this server.
  const waits = `select 1 from pg_locks join pg_database d on d.oid = database
    where d.datname = current_database() and not granted and locktype = 'relation'`
  try {
    await expect.poll(async () => (await client.query(waits)).rowCount).toBe(1)
    // Behind the migration, until that gives way.
    await client.query("set statement_timeout = '20s'")
    await client.query('select * from daily_sizes')
    expect(await Promise.race([migrating, sleep(0, 'waits')])).toBe('waits')
  } finally {
    await reader.query('rollback')
    await reader.end()
  }
  expect(await migrating).toEqual([expand().name])
})

describe('any program and any schema', () => {
  const history = fc
    .array(fc.option(fc.nat(), { nil: null }), { minLength: 1, maxLength: 12 })
    .map((barriers) =>
      barriers.map((barrier, index) => ({
        id: index + 1,
        name: `${numbered(index + 1)}_x.sql`,
        oldestProgram: barrier === null || index === 0 ? null : 1 + (barrier % index),
      })),
    )
  const fits = (known: readonly AppliedMigration[], there: readonly AppliedMigration[]) => {
    try {
      refuseTooNew(known, there)
      refuseTooOld(known, there)
      return true
    } catch {
      return false
    }
  }

  test('given the next program migrates, then the one before goes on, unless it is older than a barrier says', () => {
    fc.assert(
      fc.property(history, fc.nat(), fc.nat(), (all, a, b) => {
        const [program, schema] = [1 + (a % all.length), 1 + (b % all.length)]
        const there = all.slice(0, schema)
        const newEnough = there.every(({ oldestProgram }) => (oldestProgram ?? 0) <= program)
        expect(fits(all.slice(0, program), there)).toBe(program <= schema && newEnough)
      }),
    )
  })
})

describe('a process that runs', () => {
  test('notices that the schema is too new, that it is there again, and keeps its word while nobody can be asked', async () => {
    let there: AppliedMigration[] | Error = [{ id: 1, name: '000001_a.sql', oldestProgram: null }]
    const read = async () => {
      if (there instanceof Error) throw there
      return there
    }
    const onChange = vi.fn()
    const guard = new SchemaGuard({ known: [{ id: 1, name: '000001_a.sql' }], read, onChange })
    await guard.look()
    expect([guard.why, onChange.mock.calls]).toEqual([undefined, []])
    const [usable] = [there]
    there = [...there, { id: 2, name: '000002_b.sql', oldestProgram: null }]
    await guard.look()
    expect(guard.why).toBeUndefined()
    there = [...there, { id: 4, name: '000004_d.sql', oldestProgram: 2 }]
    await guard.look()
    expect(guard.why).toMatch(/^The database has the schema 000004_d\.sql, made by a newer version/)
    there = new Error('away')
    await expect(guard.look()).rejects.toThrow('away')
    expect(guard.why).toMatch(/000004_d/)
    there = []
    await guard.look()
    expect(guard.why).toMatch(/^The database has no schema yet/)
    there = usable
    await guard.look()
    expect(guard.why).toBeUndefined()
    expect(onChange.mock.calls.map(([why]) => why?.slice(0, 35))).toEqual([
      'The database has the schema 000004_',
      'The database has no schema yet, and',
      undefined,
    ])
  })
})
