import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ask, type EmbeddedUser, isRunning, postmaster, startUser } from './embedded-processes.ts'

let dataDir: string
let users: EmbeddedUser[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-embedded-'))
  users = []
})

afterEach(async () => {
  await Promise.all(users.map((user) => user.leave()))
  const left = await postmaster(dataDir).catch(() => undefined)
  if (left !== undefined && isRunning(left)) process.kill(left, 'SIGINT')
  await eventually(() => expect(left === undefined || !isRunning(left)).toBe(true))
  await rm(dataDir, { recursive: true, force: true })
})

const start = () => {
  const user = startUser(dataDir)
  users.push(user)
  return user
}

describe('the embedded PostgreSQL', { timeout: 90_000 }, () => {
  test('given two processes start at once on an empty folder, then they share one server, and the last one stops it', async () => {
    const [first, second] = [start(), start()]
    const url = await first.url()
    expect(await second.url()).toBe(url)
    expect((await readdir(dataDir)).sort()).toEqual([
      'postgres',
      'postgres-password',
      'postgres-port',
      'postgres.log',
    ])
    const pid = await postmaster(dataDir)

    await first.leave()
    expect(await ask(url)).toBe(1)
    expect(isRunning(pid)).toBe(true)

    await second.leave()
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED')
    await eventually(() => expect(isRunning(pid)).toBe(false))
  })

  test('given it is killed, again and again, then its users start it again on the same port with all that was acknowledged', async () => {
    const [first, second] = [start(), start()]
    const url = await first.url()
    await second.url()
    await ask(url, 'create table kept (round integer)')
    for (let round = 1; round <= 3; round++) {
      await ask(url, `insert into kept values (${round})`)
      process.kill(await postmaster(dataDir), 'SIGKILL')
      await eventually(async () => {
        expect(await ask(url, 'select count(*)::int as answer from kept')).toBe(round)
        for (const { said } of [first, second])
          expect(said.filter((line) => line === 'restarted')).toHaveLength(round)
      }, 30_000)
    }
    expect([...first.said, ...second.said].filter((line) => line.startsWith('dead'))).toEqual([])
  })

  test('given its only user is killed, then it goes on, and the next user finds it', async () => {
    const first = start()
    const url = await first.url()
    const pid = await postmaster(dataDir)
    await first.kill()
    const second = start()
    expect(await second.url()).toBe(url)
    expect(await postmaster(dataDir)).toBe(pid)
    await second.leave()
    await eventually(() => expect(isRunning(pid)).toBe(false))
  })

  test('given it was stopped, then the next start finds the same port, password and data', async () => {
    const first = start()
    const url = await first.url()
    await ask(url, 'create table kept as select 7 as answer')
    await first.leave()
    const second = start()
    expect(await second.url()).toBe(url)
    expect(await ask(url, 'select answer from kept')).toBe(7)
  })

  test('given another program has taken its port meanwhile, then it starts on another one', async () => {
    const url = await start().url()
    await users.pop()!.leave()
    const { port } = new URL(url)
    const other = createServer().listen(Number(port), '127.0.0.1')
    await once(other, 'listening')
    const moved = await start().url()
    other.close()
    expect(new URL(moved).port).not.toBe(port)
    expect(await ask(moved)).toBe(1)
    await users.pop()!.leave()
    expect(await start().url()).toBe(moved)
  })

  test('given another user of the machine, then it lets nobody in without the password', async () => {
    const url = new URL(await start().url())
    expect(url.hostname).toBe('127.0.0.1')
    url.password = 'guessed'
    await expect(ask(url.href)).rejects.toMatchObject({ code: '28P01' })
  })
})
