/** Where adapters are chosen: the settings decide what stands behind each port. */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { connectionLog } from './connection-log.ts'
import type { Announcements } from './events/announcements.ts'
import type { Bus } from './events/bus.ts'
import { type EventLog, EventLogUnavailable } from './events/event-log.ts'
import { InProcessBus } from './events/in-process-bus.ts'
import type { LogArchive } from './events/log-archive.ts'
import { type LogCopy, ReadOnlyCopy } from './events/log-copy.ts'
import type { LogMarks, Marked } from './events/log-marks.ts'
import { Archiver } from './events/postgres/archive/archiver.ts'
import { PostgresLogCopy } from './events/postgres/copy/postgres-log-copy.ts'
import { PostgresEventLog } from './events/postgres/postgres-event-log.ts'
import type { Patience } from './first-contact.ts'
import { tryDatabaseAgain } from './postgres/open-database.ts'
import type { PoolUse } from './postgres/pool-use.ts'
import { InProcessSnapshotStore } from './projections/in-process-snapshot-store.ts'
import { RedisSnapshotStore } from './projections/redis-snapshot-store.ts'
import type { SnapshotStore } from './projections/snapshot-store.ts'
import type { ReplayWorkerData } from './queries/replay-jobs.ts'

/** Positions in EventStoreDB count bytes; an event of ours takes about so many. */
const BYTES_PER_EVENT = 640n

/** How is known whether what is kept elsewhere is of this log, and who is told of what is not. */
export interface OfThisLog {
  readonly marks: LogMarks | undefined
  /** Told, in a sentence, what was found that is of events which the log does not have. */
  readonly onStale: (sentence: string) => void
  readonly onSeen: (marked: Marked) => void
}

/** The snapshot store of REDIS_URL, or one in this process. @throws with one sentence that names the setting at fault */
export async function openSnapshots(
  { redisUrl }: Config,
  identity: () => Promise<string>,
  { announcements, ...ofLog }: OfThisLog & { readonly announcements: Announcements | undefined },
  logger: Logger,
  patience?: Patience,
): Promise<SnapshotStore> {
  if (redisUrl === undefined) return new InProcessSnapshotStore()
  return await RedisSnapshotStore.open({
    ...patience,
    url: redisUrl,
    ...ofLog,
    database: await identity(),
    announcements,
    onConnection: connectionLog(logger, 'Redis is lost', 'connected to Redis'),
    onError: (error) => logger.warn({ err: error }, 'a snapshot is missing'),
  })
}

export interface OpenLog {
  readonly log: EventLog
  /** How another thread opens the same one. */
  readonly source: ReplayWorkerData
  readonly positionsPerEvent: bigint
  /** Of the connections to PostgreSQL that it reads by, if it has any. */
  readonly use?: () => PoolUse
  /** Tells whether what is kept elsewhere is of this log; EventStoreDB has none. */
  readonly marks: LogMarks | undefined
  /**
   * While the program starts: tries again what fails because the log is lost.
   * @throws with one sentence that names the setting, when it stays lost
   */
  readonly tryAgain: <T>(attempt: () => Promise<T>) => Promise<T>
}

/** Commands say in words of their own that the log is away, and keep what it said. */
async function asLogSays<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    throw (error as Error).cause instanceof EventLogUnavailable ? (error as Error).cause : error
  }
}

const isLogLost = (error: Error): boolean => error instanceof EventLogUnavailable

/** The event log of EVENT_STORE_URL, or the one in PostgreSQL. @throws with one sentence that names the setting at fault */
export async function openEventLog(
  { archiveDir, eventStoreUrl, eventStorePrefix, tlsCa }: Config,
  databaseUrl: string,
  onCommit: (appends: number) => void,
  patience?: Patience,
): Promise<OpenLog> {
  if (eventStoreUrl === undefined) {
    const log = new PostgresEventLog({ databaseUrl, archiveDir, onCommit })
    const tryAgain: OpenLog['tryAgain'] = (attempt) =>
      tryDatabaseAgain(databaseUrl, () => asLogSays(attempt), isLogLost, patience)
    const source = { databaseUrl, archiveDir, tlsCa }
    return { log, source, positionsPerEvent: 1n, marks: log.marks, use: () => log.use, tryAgain }
  }
  // Loaded where it is used: most who start this have no EventStoreDB.
  const { openEventStore, tryEventStoreAgain } = await import('./events/eventstore/open.ts')
  const log = await openEventStore({ url: eventStoreUrl, prefix: eventStorePrefix, onCommit }, patience)
  const eventStore = { url: eventStoreUrl, prefix: eventStorePrefix }
  const tryAgain: OpenLog['tryAgain'] = (attempt) =>
    tryEventStoreAgain(eventStoreUrl, () => asLogSays(attempt), isLogLost, patience)
  return {
    log,
    source: { databaseUrl, eventStore, tlsCa },
    positionsPerEvent: BYTES_PER_EVENT,
    marks: undefined,
    tryAgain,
  }
}

/** What takes whole months out of the log in PostgreSQL; undefined where the log is in EventStoreDB. */
export const openArchive = (config: Config, databaseUrl: string): LogArchive | undefined =>
  config.eventStoreUrl === undefined
    ? new Archiver({ databaseUrl, archiveDir: config.archiveDir })
    : undefined

/** The whole log to the letter, for backup and restore. */
export const openLogCopy = (config: Config, databaseUrl: string, log: EventLog): LogCopy =>
  config.eventStoreUrl === undefined
    ? new PostgresLogCopy({ databaseUrl, archiveDir: config.archiveDir })
    : new ReadOnlyCopy(log)

/** How processes tell each other what is new. */
export interface Messaging {
  readonly bus: Bus
  /** Undefined: there are no other processes to tell. */
  readonly announcements: Announcements | undefined
  /** Whether the bus outlives its writers: then one relay feeds all projectors, else each process its own. */
  readonly isShared: boolean
  /** @throws while the bus is away: events wait in the log */
  mustBeConnected(): void
  close(): Promise<void>
}

/**
 * The bus of NATS_URL, or one in this process.
 * @param identity tells what is kept for this database from what is kept for others
 * @throws with one sentence that names the setting at fault
 */
export async function openMessaging(
  { natsUrl, eventStoreUrl, eventStorePrefix }: Config,
  identity: () => Promise<string>,
  ofLog: OfThisLog,
  logger: Logger,
  patience?: Patience,
): Promise<Messaging> {
  if (natsUrl === undefined) {
    const bus = new InProcessBus()
    return {
      bus,
      announcements: undefined,
      isShared: false,
      mustBeConnected: () => {},
      close: () => bus.close(),
    }
  }
  // Loaded where it is used: most who start this have no NATS.
  const { openNats } = await import('./events/nats/open.ts')
  const log = eventStoreUrl === undefined ? '' : `-esdb${eventStorePrefix && `-${eventStorePrefix}`}`
  const onConnection = connectionLog(logger, 'NATS is lost', 'connected to NATS')
  const id = `${await identity()}${log}`
  const nats = await openNats({ ...patience, ...ofLog, url: natsUrl, id, onConnection })
  const mustBeConnected = () => {
    if (!nats.announcements.connected) throw new Error('NATS is away; events wait in the log')
  }
  return { ...nats, isShared: true, mustBeConnected }
}
