/** A service with a history, and a login made as the documentation says. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { actions, tell } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'

/** Of a history in which much counts and much has ended, in both polls. */
const SEED = 9

export const documentation = readFileSync(join(import.meta.dirname, '../../docs/analysts.md'), 'utf8')

/** The statements of the documentation that are set apart, by a word in them. @throws if there is no such block */
export function recipe(word: string): string {
  const found = [...documentation.matchAll(/```sql\n(.*?)```/gs)].find(([, sql]) => sql!.includes(word))
  if (!found) throw new Error(`no recipe with ${word}`)
  return found[1]!
}

export interface AnalystLogin {
  readonly service: TestService
  /** May do everything. */
  readonly owner: pg.Client
  readonly analyst: pg.Client
  close(): Promise<void>
}

/** @param slowness how many times longer than usual the history takes: three hours */
export async function analystLogin(slowness = 1): Promise<AnalystLogin> {
  const service = await startTestService({ ROLES: 'relay,projector' })
  await tellHistory(service, slowness)
  const name = `analyst_${randomBytes(4).toString('hex')}`
  const url = service.services.databaseUrl
  const owner = await connected(url)
  await owner.query(recipe('create role ana').replaceAll(/\bana\b/g, name))
  await owner.query(`alter role ${name} password 'of this test'`)
  const analyst = await connected(url, { username: name, password: 'of this test' })
  const close = async () => {
    await analyst.end()
    await owner.query(`drop role ${name}`)
    await owner.end()
    await service.close()
  }
  return { service, owner, analyst, close }
}

async function tellHistory({ services }: TestService, slowness: number): Promise<void> {
  const { commands, projections, submissionRows } = services
  const acts = fc.sample(actions({ minLength: 150, maxLength: 200 }), { numRuns: 1, seed: SEED })[0]!
  const slow = acts.map((act) => ({ ...act, after: act.after * slowness }))
  for (const { stream, events, expectedRevision } of tell(slow))
    await commands.log.append(stream, events, expectedRevision)
  const head = await commands.log.head()
  await eventually(async () =>
    expect([await projections.checkpoint(), await submissionRows.checkpoint()]).toEqual([head, head]),
  )
}

async function connected(url: string, user?: { username: string; password: string }): Promise<pg.Client> {
  const client = new pg.Client(Object.assign(new URL(url), user).href)
  client.on('error', () => {})
  await client.connect()
  return client
}
