/**
 * Projects a log from where a projection stands to the log's head, as a service with the role projector does:
 * PROJECTION=submissions, or the results.
 */
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { ClientPool } from '../../src/postgres/client-pool.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { CategoryProjection } from '../../src/projections/category-projection.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector } from '../../src/projections/projector.ts'
import { SubmissionsProjection } from '../../src/projections/submission-rows/submissions-projection.ts'

export interface ProjectResult {
  readonly events: number
  /** From the start of the projector to the commit of the log's head. */
  readonly milliseconds: number
}

const { DATABASE_URL: databaseUrl = '', PROJECTION: projection } = process.env
const log = new PostgresEventLog({ databaseUrl })
const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 6 })
const rowsPool = new ClientPool({ databaseUrl, name: 'bench', size: 2 })
const bus = new InProcessBus()
const [model, lock] =
  projection === 'submissions'
    ? [new SubmissionsProjection(rowsPool, log), locks.submissionsProjector]
    : [
        new CategoryProjection({
          log,
          store: new ProjectionStore(pool),
          snapshots: new InProcessSnapshotStore(),
        }),
        locks.categoryAggregateProjector,
      ]
const head = await log.head()
const { checkpoint } = await model.load()
const stop = new AbortController()
const failures: Error[] = []
const reached = Promise.withResolvers<void>()
if (checkpoint >= head) reached.resolve()

const projector = new Projector({
  log,
  bus,
  model,
  hold: (signal) => holdAdvisoryLock(databaseUrl, lock, signal),
  onParked: ({ error }) => failures.push(new Error(error)),
  onCommitted: (events) => events.at(-1)!.position >= head && reached.resolve(),
  onError: (error) => failures.push(error),
})
const started = performance.now()
const running = projector.run(stop.signal)
await reached.promise
const milliseconds = performance.now() - started
stop.abort()
await bus.close()
await running
await log.close()
await Promise.all([pool.end(), rowsPool.close()])
if (failures.length > 0) throw failures[0]
console.log(JSON.stringify({ events: Number(head - checkpoint), milliseconds } satisfies ProjectResult))
