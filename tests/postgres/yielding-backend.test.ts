import { getPriority } from 'node:os'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { yieldBackend } from '../../src/postgres/yielding-backend.ts'
import { databaseUrl, TEMPLATE } from '../support/database-url.ts'

const open = async () => {
  const client = new pg.Client(databaseUrl(inject('serverUrl'), TEMPLATE))
  await client.connect()
  return client
}
const processOf = async (client: pg.Client): Promise<number> =>
  (await client.query('select pg_backend_pid() as pid')).rows[0].pid

let [ours, other]: pg.Client[] = []
beforeEach(async () => {
  ours = await open()
  other = await open()
})
afterEach(() => Promise.all([ours!.end(), other!.end()]))

const onLinux = process.platform === 'linux'

test('given a server on this machine, then the process of that connection yields, and no other', async () => {
  const [process, rival] = [await processOf(ours!), await processOf(other!)]
  const usual = getPriority(rival)
  expect(yieldBackend(ours!)).toBe(onLinux)
  if (!onLinux) return
  expect(getPriority(process)).toBe(5)
  expect(getPriority(rival)).toBe(usual)
  expect((await ours!.query('select 1 as answer')).rows).toEqual([{ answer: 1 }])
})

test('given a process of that number serves somebody else, as on another machine, then it is left alone', async () => {
  const usual = onLinux ? getPriority(await processOf(other!)) : 0
  const elsewhere = { processID: await processOf(other!), connection: ours!.connection } as never
  expect(yieldBackend(elsewhere)).toBe(false)
  expect(yieldBackend({ ...(elsewhere as object), processID: process.pid } as never)).toBe(false)
  expect(yieldBackend({ ...(elsewhere as object), processID: 2 ** 22 + 1 } as never)).toBe(false)
  if (onLinux) expect(getPriority(await processOf(other!))).toBe(usual)
})
