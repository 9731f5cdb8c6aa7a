/** Replays a whole log, the third tier. */
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { replay } from '../../src/queries/replay.ts'

export interface ReplayResult {
  readonly events: number
  readonly milliseconds: number
  /** The largest that this process has been. */
  readonly megabytes: number
  readonly parked: number
  readonly unknown: number
  /** Submissions, of all polls. */
  readonly counted: number
}

const log = new PostgresEventLog({
  databaseUrl: process.env.DATABASE_URL!,
  archiveDir: process.env.ARCHIVE_DIR,
})
await log.head()
const started = performance.now()
const { events, parked, fold } = await replay(log)
const milliseconds = performance.now() - started
await log.close()
const result: ReplayResult = {
  events,
  milliseconds,
  megabytes: process.resourceUsage().maxRSS / 1024,
  parked: parked.length,
  unknown: fold.unknown,
  counted: [...fold.polls.values()].reduce((sum, { counted }) => sum + counted, 0),
}
console.log(JSON.stringify(result))
