/** Projects a log from where the projection stands to the log's head, as a service with the role projector does. */
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { CategoryProjection } from '../../src/projections/category-projection.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector } from '../../src/projections/projector.ts'

export interface ProjectResult {
  readonly events: number
  /** From the start of the projector to the snapshot of the log's head. */
  readonly milliseconds: number
}

const databaseUrl = process.env.DATABASE_URL!
const log = new PostgresEventLog({ databaseUrl })
const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 6 })
const store = new ProjectionStore(pool)
const snapshots = new InProcessSnapshotStore()
const bus = new InProcessBus()
const head = await log.head()
const { checkpoint } = await store.load()
const stop = new AbortController()
const failures: Error[] = []
const projector = new Projector({
  log,
  bus,
  model: new CategoryProjection({ store, snapshots }),
  hold: (signal) => holdAdvisoryLock(databaseUrl, locks.categoryAggregateProjector, signal),
  onParked: ({ error }) => failures.push(new Error(error)),
  onError: (error) => failures.push(error),
})
const reached = new Promise<void>((resolve) => {
  snapshots.onChange(({ position }) => position === head && resolve())
})
const started = performance.now()
const running = projector.run(stop.signal)
await reached
const milliseconds = performance.now() - started
stop.abort()
await bus.close()
await running
await log.close()
await pool.end()
if (failures.length > 0) throw failures[0]
console.log(JSON.stringify({ events: Number(head - checkpoint), milliseconds } satisfies ProjectResult))
