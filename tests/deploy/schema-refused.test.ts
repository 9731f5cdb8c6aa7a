/** Real processes and a schema that they cannot use: what they say, and what they leave alone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { programSchema } from '../../src/postgres/migrations.ts'
import type { ReadinessReport } from '../../src/readiness.ts'
import { runCli, runHere } from '../cli/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { laterProgram, type OtherProgram } from '../support/other-program.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask, submit } from '../web/api-client.ts'

const PATIENCE_MS = 30_000
let database: TestDatabase
let dataDir: string
let processes: ServiceProcess[]
let newest: number

beforeEach(async () => {
  ;[database, dataDir, processes, newest] = [
    await createTestDatabase(),
    await mkdtemp(join(tmpdir(), 'taxbudget-schema-')),
    [],
    await programSchema(),
  ]
  return async () => {
    await Promise.all(processes.map((each) => each.destroy()))
    await rm(dataDir, { recursive: true })
    await database.drop()
  }
})

const numbered = (id: number) => String(id).padStart(6, '0')
const settings = () => ({ DATABASE_URL: database.url, DATA_DIR: dataDir, MIGRATE: 'manual' })

async function given(roles: string, main?: string): Promise<ServiceProcess> {
  const service = new ServiceProcess(dataDir, await quietPort(), { ...settings(), ROLES: roles }, main)
  processes.push(service)
  return service
}

async function started(roles: string, main?: string): Promise<ServiceProcess> {
  const service = await given(roles, main)
  await service.start()
  return service
}

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(database.url)
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

async function readyz({ url }: ServiceProcess) {
  const { status, json } = await ask(`${url}/readyz`)
  return { status, checks: (json as ReadinessReport).checks }
}

/** The version after the next takes away what today’s needs. */
async function givenContraction(): Promise<OtherProgram> {
  const program = await laterProgram('0.3.0', {
    [`${numbered(newest + 1)}_expand.sql`]: 'alter table daily_sizes add column note text;',
    [`${numbered(newest + 2)}_contract.sql`]: `-- oldest program: ${numbered(newest + 1)}\nalter table daily_sizes drop column position;`,
  })
  onTestFinished(() => program.remove())
  return program
}
const tooNew = () =>
  `The database has the schema ${numbered(newest + 2)}_contract.sql, made by a newer version of this program: programs ` +
  `that know the migrations up to ${numbered(newest + 1)} can use it, and this one knows them up to ${numbered(newest)}. ` +
  'Update this one.'

describe('a schema that is too new', { timeout: 90_000 }, () => {
  it('does not come about while processes run that need what it takes away', async () => {
    const later = await givenContraction()
    const web = await started('web')
    await eventually(
      async () => expect(await query('select url from processes')).toEqual([{ url: web.url }]),
      PATIENCE_MS,
    )
    const { code, output } = await later.migrate(settings())
    expect(code).toBe(1)
    expect(output).toBe(
      `${numbered(newest + 2)}_contract.sql takes away what programs need that do not know the migrations up to ` +
        `${numbered(newest + 1)}, and such are running: web at ${web.url} (version 0.1.0). Deploy a version everywhere ` +
        `that knows ${numbered(newest + 1)}, then this one. Whoever was killed is forgotten after 20 seconds.\n`,
    )
    expect((await readyz(web)).status).toBe(200)
    expect(await web.end('SIGTERM')).toBe(0)
    expect(await later.migrate(settings())).toEqual({
      code: 0,
      output: `applied ${numbered(newest + 2)}_contract.sql\n`,
    })
    // Today's program refuses it, in one line.
    await expect((await given('web')).start()).rejects.toThrow(`the service ended with 1:\n${tooNew()}\n`)
    expect(await runCli(['migrate'], settings())).toEqual({ code: 1, stdout: '', stderr: `${tooNew()}\n` })
    // The one that it was made for does not.
    const successor = await started('web', later.main)
    expect(await successor.end('SIGTERM')).toBe(0)
  })

  it('is noticed by processes that run: not ready, and they project nothing; usable again, they go on', async () => {
    const [web, projector] = [await started('web'), await started('projector')]
    await eventually(async () => expect((await readyz(web)).status).toBe(200))
    await eventually(async () => expect((await readyz(projector)).status).toBe(200), PATIENCE_MS)
    await query(
      `insert into migrations (id, name, oldest_program) values (${newest + 2}, '${numbered(newest + 2)}_contract.sql', ${newest + 1})`,
    )
    for (const each of [web, projector])
      await eventually(async () => {
        const { status, checks } = await readyz(each)
        expect(status).toBe(503)
        expect(checks).toContainEqual({ role: 'process', name: 'schema', ready: false, detail: tooNew() })
      }, PATIENCE_MS)
    expect((await ask(`${projector.url}/livez`)).status).toBe(200)
    expect(projector.output).toContain('this program cannot use the schema')
    // Who has not heard of it yet is answered; what they leave waits in the log.
    await submit(web.url)
    const detail = async () =>
      (await readyz(projector)).checks.find(({ name }) => name === 'projection')?.detail
    await eventually(async () => expect(await detail()).toMatch(/^standby/), PATIENCE_MS)
    await query(`delete from migrations where id = ${newest + 2}`)
    for (const each of [web, projector])
      await eventually(async () => expect((await readyz(each)).status).toBe(200), PATIENCE_MS)
    await eventually(async () => {
      const { json } = await ask(`${web.url}/api/polls/us-federal/results`)
      expect(json).toMatchObject({ submissions: { counted: 1 } })
    }, PATIENCE_MS)
  })
})

describe('a schema that is too old', { timeout: 90_000 }, () => {
  it('is waited for by who does not migrate, and says which command does', async () => {
    await database.drop()
    database = await createTestDatabase({ template: 'template0' })
    const web = await given('web')
    const starting = web.start()
    await eventually(() => expect(web.output).toContain('waiting up to 10 s for PostgreSQL'), PATIENCE_MS)
    expect(web.output).toContain('The database has no schema yet, and this program needs')
    expect(web.output).toMatch(/\\?"taxbudget migrate\\?" brings it there/)
    // In this process, for the other one does not wait for long.
    expect((await runHere(['migrate'], settings())).code).toBe(0)
    await starting
    await eventually(async () => expect((await readyz(web)).status).toBe(200), PATIENCE_MS)
    expect(await web.end('SIGTERM')).toBe(0)
  })
})
