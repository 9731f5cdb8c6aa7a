import { randomUUID } from 'node:crypto'
import { type Logger, pino } from 'pino'
import {
  type Messaging,
  type OpenLog,
  openArchive,
  openEventLog,
  openLogCopy,
  openMessaging,
  openSnapshots,
} from './adapters.ts'
import type { Exclusions } from './commands/exclusions.ts'
import { PollCatalogue } from './commands/poll-catalogue.ts'
import type { SubmissionContext } from './commands/submit-allocation.ts'
import type { Config } from './config.ts'
import { atMost } from './deadline.ts'
import { embeddedLog } from './embedded-log.ts'
import type { LogArchive } from './events/log-archive.ts'
import type { LogCopy } from './events/log-copy.ts'
import { LogGuard } from './events/log-guard.ts'
import type { LogMarks } from './events/log-marks.ts'
import { TimedEventLog } from './events/timed-event-log.ts'
import { Metrics } from './metrics/metrics.ts'
import { Observation } from './observation.ts'
import { exportFiles, openReaders, type Readers } from './open-readers.ts'
import { openReplays, type ReplaysOptions } from './open-replays.ts'
import { openOperators } from './operators/open-operators.ts'
import { ClientPool } from './postgres/client-pool.ts'
import { openDatabase } from './postgres/open-database.ts'
import { openPool, useOf as slonikUse } from './postgres/pool.ts'
import { startBuildThread } from './projections/builds/build-thread.ts'
import { Builds } from './projections/builds/builds.ts'
import type { ParkedEvents } from './projections/parked-events.ts'
import { PeriodStore } from './projections/periods/period-store.ts'
import type { KeeperOptions } from './projections/poll-states/keeper.ts'
import { PollStates } from './projections/poll-states/poll-states.ts'
import { ProjectionStore } from './projections/projection-store.ts'
import type { ReadModel } from './projections/read-model.ts'
import type { SnapshotStore } from './projections/snapshot-store.ts'
import { SubmissionRowsStore } from './projections/submission-rows/submission-rows-store.ts'
import { SubmissionsProjection } from './projections/submission-rows/submissions-projection.ts'
import { Exports, type ExportsOptions } from './queries/exports/exports.ts'
import { ReadersLog } from './queries/readers-log.ts'
import type { ReplayWorkerData } from './queries/replay-jobs.ts'
import type { ResultsQuery } from './queries/results.ts'
import { TieredResults } from './queries/tiered-results.ts'
import { TrendsQuery } from './queries/trends.ts'
import { Readiness } from './readiness.ts'
import { sessionSecret } from './session-secret.ts'
import { tierLog } from './tier-log.ts'
import { trustAuthorities } from './trusted-authorities.ts'

const PROJECTION_DEADLINE_MS = 5000
const PROJECTION_CONNECTIONS = 6
const ROWS_CONNECTIONS = 4
/** A pool that still waits for a silent server is left behind after this time. */
const CLOSING_MS = 1500

/** What every process needs, whatever its roles; the command line uses it too. */
export interface Services {
  readonly commands: SubmissionContext
  readonly results: ResultsQuery
  readonly trends: TrendsQuery
  readonly exports: Exports
  readonly readersLog: ReadersLog
  readonly projections: ProjectionStore
  readonly periods: PeriodStore
  readonly submissionRows: SubmissionRowsStore
  /** For the one who keeps the rows. */
  readonly submissionsProjection: ReadModel
  /** What results, trends and exports are read from: replicas too. */
  readonly readers: Pick<Readers, 'demandAllOfNow'>
  readonly snapshots: SnapshotStore
  /** What operators do. */
  readonly parkedEvents: ParkedEvents
  readonly exclusions: Exclusions
  /** Versions of the projections that are built beside the live ones. */
  readonly builds: Builds
  readonly messaging: Messaging
  /** Knows whether the log is the one that it was. */
  readonly guard: Pick<LogGuard, 'tell' | 'seen'>
  readonly marks: LogMarks | undefined
  readonly metrics: Metrics
  readonly observation: Observation
  /** What the roles of this process lean on: each adds its own. */
  readonly readiness: Readiness
  readonly databaseUrl: string
  readonly replays: Replays
  /** Opens what takes months out of the log; undefined where the log is not in PostgreSQL. Close it yourself. */
  readonly openArchive: () => LogArchive | undefined
  /** Opens the whole log to the letter. Close it yourself. */
  readonly openLogCopy: () => LogCopy
  /** For what needs the log while the program is still starting. */
  readonly tryLogAgain: OpenLog['tryAgain']
  /** Names of the migrations that were applied now. */
  readonly migrated: readonly string[]
  readonly close: () => Promise<void>
}

/** What replays are made of, in threads of their own. */
interface Replays {
  /** How a thread opens the log and the states. */
  readonly source: ReplayWorkerData
  /** How far apart the positions of two events are: 1 where every position is an event's. */
  readonly positionsPerEvent: bigint
  readonly states: PollStates
  readonly foldSegment: KeeperOptions['foldSegment']
}

export interface ServicesOptions extends ReplaysOptions {
  /** How patient exports are. */
  readonly exports?: Pick<ExportsOptions, 'stallMs' | 'patienceMs'>
  /** How long somebody waits for a replay that they have not asked for, milliseconds. */
  readonly replayPatienceMs?: number
  /**
   * Told when the log was put back to an older state, or the embedded PostgreSQL has moved: close everything, and open
   * it anew. Unset: nobody looks.
   */
  readonly onOutdated?: () => void
  /** Told, in a sentence, of a server that does not answer yet; unset: the log is told. */
  readonly onWaiting?: (sentence: string) => void
}

/** Opens the database, the log and the queries. @throws with one sentence that names the setting at fault */
export async function openServices(
  config: Config,
  logger: Logger = pino({ level: 'silent' }),
  options: ServicesOptions = {},
): Promise<Services> {
  trustAuthorities(config.tlsCa)
  const patience = { onWaiting: options.onWaiting ?? ((sentence: string) => logger.warn(sentence)) }
  const database = await openDatabase(config, {
    ...patience,
    onWarning: patience.onWaiting,
    embedded: embeddedLog(logger, options.onOutdated),
  })
  const databaseUrl = database.url
  const metrics = new Metrics()
  const onCommit = (appends: number) => metrics.committed(appends)
  const opened = await openEventLog(config, databaseUrl, onCommit, patience).catch(async (error) => {
    await database.close()
    throw error
  })
  const { source, positionsPerEvent, marks } = opened
  const log = new TimedEventLog(opened.log, metrics)
  const pool = await openPool({
    databaseUrl,
    deadlineMs: PROJECTION_DEADLINE_MS,
    size: PROJECTION_CONNECTIONS,
  })
  const projections = new ProjectionStore(pool)
  const periods = new PeriodStore({ databaseUrl })
  const rowsPool = new ClientPool({ databaseUrl, name: 'taxbudget submissions', size: ROWS_CONNECTIONS })
  const submissionRows = new SubmissionRowsStore(rowsPool)
  const primary = { projections, periods, rows: submissionRows }
  const readers = openReaders(config, { databaseUrl, primary, marks, logger, metrics })
  const closeDatabase = async () => {
    const ended = atMost(CLOSING_MS, pool.end())
    await Promise.all([readers.close(), log.close(), periods.close(), rowsPool.close(), ended])
    await database.close()
  }
  const identity = () => projections.identity()
  const giveUp = async (error: unknown) => {
    await closeDatabase()
    throw error
  }
  const guard = new LogGuard({
    log,
    marks,
    onWentBack: (sentence) => {
      logger.error({ err: new Error(sentence) }, 'the event log has gone back')
      options.onOutdated?.()
    },
  })
  const onStale = (sentence: string) => {
    logger.warn(`${sentence}: the database was restored from an older backup. It is taken away`)
    guard.found(sentence)
  }
  const ofLog = { marks, onStale, onSeen: guard.seen }
  const messaging = await openMessaging(config, identity, ofLog, logger, patience).catch(giveUp)
  const { announcements } = messaging
  const opening = openSnapshots(config, identity, { ...ofLog, announcements }, logger, patience)
  const snapshots = await opening.catch(async (error) => {
    await messaging.close()
    return await giveUp(error)
  })
  const replays = openReplays(log, opened, logger, options)
  const readersLog = new ReadersLog(log)
  const results = new TieredResults({
    snapshots,
    projection: readers.polls,
    ...{ replayer: replays.replayer, past: replays.past },
    log: readersLog,
    ...(options.replayPatienceMs !== undefined && { replayPatienceMs: options.replayPatienceMs }),
    ...tierLog(logger, metrics),
  })
  const observation = new Observation({
    ...{ config, databaseUrl, log, positionsPerEvent, snapshots, metrics },
    leftAlone: () => ({ ...results.leftAlone, log: readersLog.isLeftAlone }),
    pools: {
      projection: () => slonikUse(pool),
      submissions: () => rowsPool.use,
      periods: () => periods.use,
      ...(opened.use && { log: opened.use }),
    },
    periodMonthsAhead: () => periods.monthsAhead(new Date()),
  })
  const files = exportFiles(config, databaseUrl)
  const exports = new Exports({ rows: readers.rows, files, results, ...options.exports })
  const secret = await sessionSecret(config)
  const polls = new PollCatalogue(log)
  snapshots.onChange(({ definition, status }) => polls.changed(definition.poll, status))
  const commands = { log, polls, secret, now: () => new Date(), newId: randomUUID }
  const trends = new TrendsQuery({ periods: readers.periods, results, now: commands.now })
  const operators = openOperators({
    ...{ commands, results, projections, source },
    deadlineMs: options.replayDeadlineMs,
    onProgress: options.onReplayProgress,
  })
  if (options.onOutdated) guard.start()
  const close = async () => {
    await guard.close()
    await exports.close()
    await Promise.all([observation, replays, operators].map((part) => part.close()))
    await snapshots.close()
    await messaging.close()
    await closeDatabase()
  }
  return {
    commands,
    results,
    trends,
    exports,
    readersLog,
    projections,
    periods,
    submissionRows,
    readers,
    submissionsProjection: new SubmissionsProjection(rowsPool, log),
    snapshots,
    parkedEvents: operators.parkedEvents,
    exclusions: operators.exclusions,
    builds: new Builds({
      ...{ pool, rowsPool, log, databaseUrl, positionsPerEvent },
      startThread: () => startBuildThread(source),
    }),
    messaging,
    guard,
    marks,
    metrics,
    observation,
    readiness: new Readiness(config.roles),
    databaseUrl,
    replays: {
      source,
      positionsPerEvent,
      states: new PollStates(pool),
      foldSegment: replays.foldSegment,
    },
    openArchive: () => openArchive(config, databaseUrl),
    openLogCopy: () => openLogCopy(config, databaseUrl, log),
    tryLogAgain: opened.tryAgain,
    migrated: database.migrated,
    close,
  }
}
