import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { yieldBackend, yieldHalf } from '../../src/postgres/yielding-backend.ts'
import { keepToHalf } from '../../src/threads/half-the-processors.ts'
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

/** How many processors a process may use: `Cpus_allowed_list: 0-3,8`; 0: nobody can tell. */
const processorsOf = (process: number | 'self'): number =>
  onLinux
    ? /^Cpus_allowed_list:\s+(.*)$/m
        .exec(readFileSync(`/proc/${process}/status`, 'utf8'))![1]!
        .split(',')
        .map((range) => range.split('-').map(Number) as [number, number?])
        .reduce((sum, [first, last = first]) => sum + last - first + 1, 0)
    : 0

test('given more than one processor, then it keeps to half of them, and no other does', async () => {
  const [process, rival] = [await processOf(ours!), await processOf(other!)]
  const all = processorsOf(rival)
  yieldHalf(ours!)
  expect(processorsOf(process)).toBe(all > 1 ? Math.floor(all / 2) : all)
  expect(processorsOf(rival)).toBe(all)
  expect((await ours!.query('select 1 as answer')).rows).toEqual([{ answer: 1 }])
})

test('given a process that is not there, then nobody is kept to anything', () => {
  const all = processorsOf('self')
  expect(keepToHalf(2 ** 22 + 1)).toBe(false)
  expect(processorsOf('self')).toBe(all)
})
