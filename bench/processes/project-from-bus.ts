/**
 * Relay or projector in a process of its own, with NATS between them. The projector is not let at the log: whatever
 * it applies has come over the bus.
 */
import type { Bus } from '../../src/events/bus.ts'
import { type EventLog, START } from '../../src/events/event-log.ts'
import { openNats } from '../../src/events/nats/open.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { relay } from '../../src/events/relay.ts'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector } from '../../src/projections/projector.ts'

const { DATABASE_URL: databaseUrl = '', NATS_URL: url = '', BUS: id = '', ROLE: role } = process.env
const nats = await openNats({ url, id })
const log = new PostgresEventLog({ databaseUrl })
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

/** Ends, as far as the projector can see, where the bus has led it. */
let heard = START
const closedLog: EventLog = {
  append: () => Promise.reject(new Error('not asked for')),
  readStream: () => Promise.reject(new Error('not asked for')),
  readAll: () => {
    throw new Error('the projector missed something on the bus')
  },
  subscribe: () => {
    throw new Error('the projector follows the log')
  },
  head: async () => heard,
  close: async () => {},
}

const listened: Bus['subscribe'] = async function* (options) {
  for await (const delivery of nats.bus.subscribe(options)) {
    heard = delivery.last
    yield delivery
  }
}

async function project(): Promise<void> {
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 6 })
  const snapshots = new InProcessSnapshotStore()
  const head = await log.head()
  const fail = (error: Error) => {
    console.error(error)
    process.exit(1)
  }
  snapshots.onChange(({ position }) => {
    if (position === head) console.log('reached the head')
  })
  const projector = new Projector({
    log: closedLog,
    bus: { ...nats.bus, subscribe: listened },
    store: new ProjectionStore(pool),
    snapshots,
    hold: (signal) => holdAdvisoryLock(databaseUrl, locks.categoryAggregateProjector, signal),
    onActive: (active) => active && console.log('is active'),
    onParked: ({ error }) => fail(new Error(error)),
    onError: fail,
  })
  await projector.run(stop.signal)
  await pool.end()
}

if (role === 'relay') {
  console.log('is active')
  await relay({ log, bus: nats.bus, neededAfter: async () => START }, stop.signal)
} else await project()
await nats.close()
await log.close()
