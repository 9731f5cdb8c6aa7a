import type { EventLog } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { ArchivedMonths } from '../support/archived-months.ts'
import { eventLogContract } from './event-log.ts'
import { openPostgresHarness } from './postgres-harness.ts'

/** After every append a month ends, and is archived and dropped: readers find the newest events in archives alone. */
async function open() {
  let months: ArchivedMonths
  const turns = new Turns(() => months.turn())
  const harness = await openPostgresHarness(
    (databaseUrl) => {
      const log = new PostgresEventLog({ databaseUrl, archiveDir: months.folder, now: months.now })
      return archivingLog(log, turns)
    },
    async (url) => {
      months = await ArchivedMonths.open(url)
    },
  )
  const close = async () => {
    await turns.next()
    await months.close()
    await harness.close()
  }
  return { ...harness, close }
}

/** One turn after the other. Whoever asks while one is under way shares the next with others. */
class Turns {
  readonly #turn: () => Promise<void>
  #running: Promise<void> = Promise.resolve()
  #waiting: Promise<void> | undefined

  constructor(turn: () => Promise<void>) {
    this.#turn = turn
  }

  next(): Promise<void> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined
      // Whoever cuts connections cuts the archiver's, too.
      this.#running = this.#turn().catch(() => this.#turn())
      return this.#running
    })
    return this.#waiting
  }
}

const archivingLog = (log: EventLog, turns: Turns): EventLog => ({
  append: async (...append) => {
    const outcome = await log.append(...append)
    await turns.next()
    return outcome
  },
  readStream: (stream) => log.readStream(stream),
  readAll: (options) => log.readAll(options),
  subscribe: (options) => log.subscribe(options),
  head: () => log.head(),
  close: () => log.close(),
})

eventLogContract('PostgreSQL, archived and dropped after every append', open)
