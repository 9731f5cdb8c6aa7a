/** What a reader has been shown is not taken back, whatever is killed. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { NO_STREAM, type Position } from '../../src/events/event-log.ts'
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { pollStream } from '../../src/events/poll-events.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { useEmbeddedServer } from '../../src/postgres/embedded-server.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { CategoryProjection } from '../../src/projections/category-projection.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector } from '../../src/projections/projector.ts'
import { testPoll } from '../support/history.ts'

const ROUNDS = 3

/** A PostgreSQL of one's own, so that nobody else minds when it is killed. */
async function givenServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-crash-'))
  let revived = () => {}
  const server = await useEmbeddedServer(dataDir, { onRestart: () => revived() })
  onTestFinished(async () => {
    await server.release()
    await rm(dataDir, { recursive: true, force: true })
  })
  await migrate(server.url)
  const postmaster = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  let pid = Number(postmaster.split('\n')[0])
  return {
    url: server.url,
    /** Kills it this very moment. @returns when it has been started again */
    kill: async () => {
      const again = new Promise<void>((resolve) => {
        revived = resolve
      })
      process.kill(pid, 'SIGKILL')
      await again
      pid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
    },
  }
}

async function openPoll(databaseUrl: string): Promise<void> {
  const name = `poll-${randomUUID()}`
  const event = {
    id: randomUUID(),
    type: 'PollOpened',
    schemaVersion: 1,
    data: { ...testPoll(name), occurredAt: '2026-01-01T00:00:00.000Z' },
  }
  const log = new PostgresEventLog({ databaseUrl })
  await log.append(pollStream(name), [event], NO_STREAM)
  await log.close()
}

/** Projects what is new in the log, and kills the server the moment that the first of it is shown. */
async function projectUntilShown(databaseUrl: string, kill: () => Promise<void>): Promise<Position> {
  const log = new PostgresEventLog({ databaseUrl })
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 2 })
  const store = new ProjectionStore(pool)
  const before = await store.checkpoint()
  const snapshots = new InProcessSnapshotStore()
  const stop = new AbortController()
  let revived: Promise<void> | undefined
  const shown = new Promise<Position>((resolve) => {
    snapshots.onChange(({ position }) => {
      if (position <= before || revived) return
      revived = kill()
      stop.abort()
      resolve(position)
    })
  })
  const hold = async () => ({ lost: new AbortController().signal, release: async () => {} })
  const model = new CategoryProjection({ log, store, snapshots })
  const projecting = new Projector({ log, bus: new InProcessBus(), model, hold }).run(stop.signal)
  const position = await shown
  await projecting
  await revived
  await log.close()
  await pool.end()
  return position
}

async function checkpointIn(databaseUrl: string): Promise<Position> {
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 1 })
  try {
    return await new ProjectionStore(pool).checkpoint()
  } finally {
    await pool.end()
  }
}

it('given PostgreSQL is killed right after a snapshot was shown, the projection is never behind it', {
  timeout: 120_000,
}, async () => {
  const server = await givenServer()
  for (let round = 0; round < ROUNDS; round++) {
    await openPoll(server.url)
    const shown = await projectUntilShown(server.url, server.kill)
    expect(await checkpointIn(server.url)).toBeGreaterThanOrEqual(shown)
  }
})
