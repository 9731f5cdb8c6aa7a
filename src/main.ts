/** The composition root: here alone adapters are chosen, and a process is put together from its roles. */
import { randomUUID } from 'node:crypto'
import closeWithGrace from 'close-with-grace'
import { type Logger, pino } from 'pino'
import { forgetChangedPolls } from './commands/forget-changed-polls.ts'
import { openDefaultPoll } from './commands/open-default-poll.ts'
import { PollCatalogue } from './commands/poll-catalogue.ts'
import type { SubmissionContext } from './commands/submit-allocation.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import type { EventLog } from './events/event-log.ts'
import { InProcessBus } from './events/in-process-bus.ts'
import { PostgresEventLog } from './events/postgres/postgres-event-log.ts'
import { relay } from './events/relay.ts'
import { Metrics } from './metrics.ts'
import { holdAdvisoryLock, locks } from './postgres/advisory-lock.ts'
import { openDatabase } from './postgres/open-database.ts'
import { openPool } from './postgres/pool.ts'
import { InProcessSnapshotStore } from './projections/in-process-snapshot-store.ts'
import { ProjectionStore } from './projections/projection-store.ts'
import { Projector } from './projections/projector.ts'
import { RedisSnapshotStore } from './projections/redis-snapshot-store.ts'
import type { SnapshotStore } from './projections/snapshot-store.ts'
import type { ReplayWorkerData } from './queries/replay-worker.ts'
import { Replayer } from './queries/replayer.ts'
import type { ResultsQuery } from './queries/results.ts'
import { TieredResults } from './queries/tiered-results.ts'
import { sessionSecret } from './session-secret.ts'
import type { WebContext } from './web/context.ts'
import { listen } from './web/listen.ts'
import { loggerOptions } from './web/logging.ts'
import { buildServer } from './web/server.ts'

/** For a longer log, readers' questions about the past are for `taxbudget results`, not for a web request. */
const MAX_REPLAY_EVENTS = 5_000_000n
const REPLAY_DEADLINE_MS = 60_000
/** Positions in EventStoreDB count bytes; an event of ours takes about so many. */
const BYTES_PER_EVENT = 640n
const PROJECTION_DEADLINE_MS = 5000
const PROJECTION_CONNECTIONS = 6

/** What every process needs, whatever its roles; the command line uses it too. */
export interface Services {
  readonly commands: SubmissionContext
  readonly results: ResultsQuery
  readonly projections: ProjectionStore
  readonly snapshots: SnapshotStore
  readonly metrics: Metrics
  readonly databaseUrl: string
  /** Names of the migrations that were applied now. */
  readonly migrated: readonly string[]
  readonly close: () => Promise<void>
}

export interface ServicesOptions {
  /** Longest log that is replayed for a question; the command line has all the time in the world. */
  readonly maxReplayEvents?: bigint
  readonly replayDeadlineMs?: number
  readonly onReplayProgress?: (events: number) => void
}

/** Opens the database, the log and the queries. @throws with one sentence that names the setting at fault */
export async function openServices(
  config: Config,
  logger: Logger = pino({ level: 'silent' }),
  options: ServicesOptions = {},
): Promise<Services> {
  const database = await openDatabase(config, (error) =>
    error
      ? logger.error({ err: error }, 'the embedded PostgreSQL is dead')
      : logger.warn('the embedded PostgreSQL was dead; it runs again'),
  )
  const databaseUrl = database.url
  const metrics = new Metrics()
  const onCommit = (appends: number) => metrics.committed(appends)
  const opened = await openEventLog(config, databaseUrl, onCommit).catch(async (error) => {
    await database.close()
    throw error
  })
  const { log, source, positionsPerEvent } = opened
  const pool = await openPool({
    databaseUrl,
    deadlineMs: PROJECTION_DEADLINE_MS,
    size: PROJECTION_CONNECTIONS,
  })
  const projections = new ProjectionStore(pool)
  const closeDatabase = async () => {
    await log.close()
    await pool.end()
    await database.close()
  }
  const snapshots = await openSnapshots(config, projections, logger).catch(async (error: unknown) => {
    await closeDatabase()
    throw error
  })
  const replayer = new Replayer({
    log,
    source,
    positionsPerEvent,
    maxEvents: options.maxReplayEvents ?? MAX_REPLAY_EVENTS,
    deadlineMs: options.replayDeadlineMs ?? REPLAY_DEADLINE_MS,
    ...(options.onReplayProgress && { onProgress: options.onReplayProgress }),
  })
  const results = new TieredResults({
    snapshots,
    projection: projections,
    replayer,
    log,
    onTierFailed: (tier, error) => {
      metrics.tierFailed(tier)
      logger.warn({ err: error, tier }, 'a tier did not answer')
    },
  })
  metrics.position('taxbudget_log_head_position', 'Position of the last event of the log', () => log.head())
  metrics.position('taxbudget_projection_position', 'Checkpoint of the live projection', () =>
    projections.checkpoint(),
  )
  const secret = await sessionSecret(config)
  const polls = new PollCatalogue(log)
  const commands = { log, polls, secret, now: () => new Date(), newId: randomUUID }
  const close = async () => {
    await replayer.close()
    await snapshots.close()
    await closeDatabase()
  }
  return {
    commands,
    results,
    projections,
    snapshots,
    metrics,
    databaseUrl,
    migrated: database.migrated,
    close,
  }
}

async function openSnapshots(
  { redisUrl }: Config,
  projections: ProjectionStore,
  logger: Logger,
): Promise<SnapshotStore> {
  if (redisUrl === undefined) return new InProcessSnapshotStore()
  return await RedisSnapshotStore.open({
    url: redisUrl,
    database: await projections.identity(),
    onConnection: connectionLog(logger, 'Redis is lost', 'connected to Redis'),
    onError: (error) => logger.warn({ err: error }, 'a snapshot is missing'),
  })
}

interface OpenLog {
  readonly log: EventLog
  /** How another thread opens the same one. */
  readonly source: ReplayWorkerData
  readonly positionsPerEvent: bigint
}

async function openEventLog(
  { eventStoreUrl, eventStorePrefix }: Config,
  databaseUrl: string,
  onCommit: (appends: number) => void,
): Promise<OpenLog> {
  if (eventStoreUrl === undefined) {
    const log = new PostgresEventLog({ databaseUrl, onCommit })
    return { log, source: { databaseUrl }, positionsPerEvent: 1n }
  }
  // Loaded where it is used: most who start this have no EventStoreDB.
  const { openEventStore } = await import('./events/eventstore/open.ts')
  const log = await openEventStore({ url: eventStoreUrl, prefix: eventStorePrefix, onCommit })
  return { log, source: { eventStoreUrl, eventStorePrefix }, positionsPerEvent: BYTES_PER_EVENT }
}

export interface RunningService {
  /** Where the web role listens; undefined without it. */
  readonly url: string | undefined
  readonly services: Services
  /** Finishes what is in flight, then stops everything. */
  readonly close: () => Promise<void>
}

/** Starts the roles of this process. @throws {ConfigError} and whatever `openServices` throws */
export async function startService(config: Config): Promise<RunningService> {
  const logger = pino(loggerOptions(config.logLevel))
  const services = await openServices(config, logger)
  const stop = new AbortController()
  try {
    await openDefaultPoll(services.commands, config, () =>
      logger.warn({ poll: config.defaultPoll }, 'the poll file has changed; the poll stays as it was opened'),
    )
    const web = config.roles.includes('web') ? await startWeb(config, services) : undefined
    const workers = startWorkers(config, services, logger, stop.signal)
    const close = async () => {
      await web?.close()
      stop.abort()
      await workers
      await services.close()
    }
    return { url: web?.url, services, close }
  } catch (error) {
    await services.close()
    throw error
  }
}

/** Relay and projector, as far as they are among this process's roles, until `signal` aborts. */
async function startWorkers(
  config: Config,
  services: Services,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { commands, databaseUrl, metrics, projections, snapshots } = services
  const { log } = commands
  const bus = new InProcessBus()
  const onConnection = connectionLog(logger, 'the event log is lost', 'following the event log')
  const projector = new Projector({
    log,
    bus,
    store: projections,
    snapshots,
    hold: (until) => holdAdvisoryLock(databaseUrl, locks.categoryAggregateProjector, until),
    onActive: (active) => {
      metrics.projecting(active)
      logger.info({ active }, active ? 'projecting' : 'no longer projecting')
      if (!active) snapshots.abandon()
    },
    onParked: ({ event, error }) => {
      metrics.parked()
      logger.error({ position: String(event.position), type: event.type, error }, 'an event is parked')
    },
    onError: (error) => logger.warn({ err: error }, 'the projector starts anew'),
  })
  await Promise.all([
    forgetChangedPolls(bus, commands.polls, signal),
    config.roles.includes('relay') ? relay({ log, bus, onConnection }, signal) : undefined,
    config.roles.includes('projector') ? projector.run(signal) : undefined,
  ])
  await bus.close()
}

/** Tells of each outage once, and of its end; not of every attempt in between. */
function connectionLog(logger: Logger, away: string, back: string): (error?: Error) => void {
  let lost = false
  return (error) => {
    if (error && !lost) logger.warn({ err: error }, away)
    if (!error) logger.info(back)
    lost = error !== undefined
  }
}

async function startWeb(config: Config, services: Services) {
  const { commands, results } = services
  const context: WebContext = {
    commands,
    results,
    defaultPoll: config.defaultPoll,
    publicUrl:
      config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${config.port}`,
    secret: commands.secret,
    operatorToken: config.operatorToken,
    trustProxy: config.trustProxy,
    logLevel: config.logLevel,
    metrics: services.metrics,
    readiness: async () => [
      await check('event log', commands.log.head()),
      await check('results', results.polls()),
    ],
  }
  const app = await buildServer(context)
  return { url: await listen(app, config), close: () => app.close() }
}

async function check(name: string, asked: Promise<unknown>) {
  return asked.then(
    () => ({ name, ready: true }),
    (error: Error) => ({ name, ready: false, detail: error.message }),
  )
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const starting = startService(config)
  // Whoever is told to end while still starting ends as soon as it has started, and leaves nothing running.
  closeWithGrace({ delay: 30_000 }, async ({ err }) => {
    if (err) console.error(err)
    await starting.then((service) => service.close())
  })
  const service = await starting
  if (service.url) console.log(`taxbudget listens on ${service.url.replace('127.0.0.1', 'localhost')}`)
}

if (import.meta.main)
  main().catch((error: Error) => {
    console.error(error instanceof ConfigError || error.cause ? error.message : error)
    process.exit(1)
  })
