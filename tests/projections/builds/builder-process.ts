/** Builds until it is killed; says on stdout what it has done. */
import { PostgresEventLog } from '../../../src/events/postgres/postgres-event-log.ts'
import { ClientPool } from '../../../src/postgres/client-pool.ts'
import { openPool } from '../../../src/postgres/pool.ts'
import { Builder } from '../../../src/projections/builds/builder.ts'
import { Follower } from '../../../src/projections/builds/follower.ts'
import { buildableNames } from '../../../src/projections/builds/read-models.ts'
import { threadHere } from './thread-here.ts'

const databaseUrl = process.env.DATABASE_URL!
const log = new PostgresEventLog({ databaseUrl })
const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 4 })
const rowsPool = new ClientPool({ databaseUrl, name: 'test', size: 2 })
const say = (text: string) => process.stdout.write(`${text}\n`)
say('started')
for (const name of buildableNames) {
  const builder = new Builder(name, {
    ...{ log, pool, databaseUrl, positionsPerEvent: 1n, jobs: 2, rangeEvents: 10, lookEveryMs: 50 },
    follower: new Follower({ log, pool, rowsPool }),
    startThread: () => threadHere(databaseUrl, log, (job) => say(`${name} ${job}`)),
    onEvent: (event) =>
      say(`${event.what} ${event.projection} ${'error' in event ? event.error.message : ''}`),
  })
  void builder.run(new AbortController().signal)
}
