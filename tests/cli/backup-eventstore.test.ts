import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerUnderTest, startServerUnderTest } from '../esdb/server-under-test.ts'
import { execute } from '../support/stored-periods.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { runCli, runHere } from './command-line.ts'

let server: ServerUnderTest
let cli: CliDatabase
let other: CliDatabase
let environment: Record<string, string>

beforeAll(async () => {
  server = await startServerUnderTest()
  ;[cli, other] = await Promise.all([createCliDatabase(), createCliDatabase()])
  environment = { ...cli.environment, EVENT_STORE_URL: server.url, EVENT_STORE_PREFIX: server.prefix }
})
afterAll(async () => {
  await Promise.all([cli.drop(), other.drop()])
  await server.close()
})

describe('taxbudget backup of a log in EventStoreDB', { timeout: 120_000 }, () => {
  test('given one, then it is good, and restored into PostgreSQL alone, with new positions, when that is said', async () => {
    await runHere(['polls', 'open', 'polls/us-federal.json'], environment)
    await runHere(['simulate', 'us-federal', '--submissions', '30', '--direct'], environment)
    const file = join(cli.path('.'), 'backup')
    expect(await runCli(['backup', file], environment)).toMatchObject({ code: 0 })
    const verified = await runCli(['backup', 'verify', file], environment)
    expect(verified).toMatchObject({ code: 0, stdout: 'us-federal: 30 counted, the same as published\n' })

    const there = await runHere(['restore', file], environment)
    expect(there).toMatchObject({ code: 1, stdout: '' })
    expect(there.stderr).toContain('Restore EventStoreDB from a backup of its own')
    const unsaid = await runHere(['restore', file], other.environment)
    expect(unsaid).toMatchObject({ code: 1, stdout: '' })
    expect(unsaid.stderr).toContain('With --renumber they may.')
    expect(await execute(other.url, 'select count(*)::int from events')).toEqual([{ count: 0 }])
    expect(await runHere(['restore', file, '--renumber'], other.environment)).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(await execute(other.url, 'select min(position), max(position) from events')).toEqual([
      { min: '1', max: '31' },
    ])
    expect((await runHere(['projections', 'verify'], other.environment)).code).toBe(0)
  })
})
