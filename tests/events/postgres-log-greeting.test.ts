/** A PostgreSQL that ends in the moment in which it takes a connection. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { START } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { fatal, welcome } from '../postgres/wire.ts'

it('given it says so in one breath with its welcome, then the log is unavailable, and nothing else happens', async () => {
  const end = fatal('57P01', 'terminating connection due to unexpected postmaster exit')
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(Buffer.concat([welcome, end])))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const log = new PostgresEventLog({ databaseUrl: `postgres://me@127.0.0.1:${port}/any`, deadlineMs: 1000 })
  onTestFinished(async () => {
    await log.close()
    server.close()
  })
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(log.readAll({ after: START, upTo: 1n }).next()).rejects.toMatchObject({
      name: 'EventLogUnavailable',
    })
})
