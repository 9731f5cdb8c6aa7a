/** Connections that are open but silent, as behind a firewall that forgot them. */
import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { createTestDatabase } from '../support/database.ts'
import { startProxy } from '../support/silent-proxy.ts'

it('appends go on over new connections once the old ones are silent, each counted once', {
  timeout: 40_000,
}, async () => {
  const database = await createTestDatabase()
  const url = new URL(database.url)
  const proxy = await startProxy(Number(url.port))
  url.port = String(proxy.port)
  const log = new PostgresEventLog({ databaseUrl: url.href, deadlineMs: 1500 })
  onTestFinished(async () => {
    await log.close()
    await proxy.close()
    await database.drop()
  })
  const append = (stream: string, id: string) =>
    log.append(stream, [{ id, type: 'Tested', schemaVersion: 1, data: {} }], NO_STREAM)
  await append('before', randomUUID())
  proxy.silence()
  const id = randomUUID()
  await expect(append('during', id)).rejects.toMatchObject({ name: 'EventLogUnavailable' })
  // Sent again with the same id, it is there once whatever became of the first attempt.
  await append('during', id)
  expect(await log.readStream('during')).toHaveLength(1)
  await append('after', randomUUID())
})
