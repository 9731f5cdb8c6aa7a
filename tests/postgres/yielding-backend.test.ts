import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { yieldBackend, yieldHalf } from '../../src/postgres/yielding-backend.ts'
import { keepToHalf } from '../../src/threads/half-the-processors.ts'
import { createTestDatabase } from '../support/database.ts'

const open = async () => {
  const client = new pg.Client(inject('serverUrl'))
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

test('given a log that makes way, then so do the processes that read it, and those of another log do not', async () => {
  const database = await createTestDatabase()
  const logs = (['half', undefined] as const).map(
    (makesWay) => new PostgresEventLog({ databaseUrl: database.url, makesWay }),
  )
  onTestFinished(async () => {
    for (const log of logs) await log.close()
    await database.drop()
  })
  const readers: number[] = []
  for (const log of logs) {
    await log.head()
    const { rows } = await ours!.query(
      `select pid from pg_stat_activity
        where datname = $1 and application_name = 'taxbudget reader' and pid <> all ($2)`,
      [new URL(database.url).pathname.slice(1), readers],
    )
    readers.push(...rows.map(({ pid }) => pid))
  }
  expect(readers).toHaveLength(2)
  const all = processorsOf('self')
  expect(readers.map(processorsOf)).toEqual([all > 1 ? Math.floor(all / 2) : all, all])
})
