/** A composition root: what there is to look at, by the settings. Works beside a running service and without one. */
import { join } from 'node:path'
import { openArchive, openEventLog } from './adapters.ts'
import type { Config } from './config.ts'
import { atMost } from './deadline.ts'
import { lastBackups } from './doctor/backups.ts'
import type { Doctor } from './doctor/check.ts'
import { archiveDigestsCheck, archivesCheck } from './doctor/checks/archives.ts'
import { backupsCheck } from './doctor/checks/backups.ts'
import { buildsCheck } from './doctor/checks/builds.ts'
import { consistencyCheck } from './doctor/checks/consistency.ts'
import { diskCheck } from './doctor/checks/disk.ts'
import { growthCheck } from './doctor/checks/growth.ts'
import { lagCheck } from './doctor/checks/lag.ts'
import { partitionsCheck } from './doctor/checks/partitions.ts'
import { processesCheck } from './doctor/checks/processes.ts'
import { type ExaminedReplica, replicaCheck } from './doctor/checks/replicas.ts'
import { type ExaminedServer, serverCheck, type UnusedServer } from './doctor/checks/servers.ts'
import { snapshotsCheck, trafficCheck, trafficSinceStartCheck } from './doctor/checks/traffic.ts'
import { loadTestCheck, updatesCheck } from './doctor/checks/upkeep.ts'
import type { Check } from './doctor/doctor.ts'
import { outdatedPackages } from './doctor/outdated-packages.ts'
import { ServiceDoctor } from './doctor/service-doctor.ts'
import { examineEventStore } from './events/eventstore/open.ts'
import { examineNats } from './events/nats/open.ts'
import { marksBy, replicasOf } from './open-readers.ts'
import { ClientPool } from './postgres/client-pool.ts'
import { examinePostgres } from './postgres/examine.ts'
import { type Database, openDatabase, replicaContact, sayTls } from './postgres/open-database.ts'
import { openPool } from './postgres/pool.ts'
import { DatabaseFigures } from './processes/database-figures.ts'
import { roomFor } from './processes/disk.ts'
import { PostgresProcessRegistry } from './processes/process-registry.ts'
import { listVersions } from './projections/builds/versions.ts'
import { PeriodStore } from './projections/periods/period-store.ts'
import { examineRedis } from './projections/redis-connection.ts'
import { lookAt } from './projections/replicas/look.ts'
import { StoredReadModels } from './projections/verify/stored-read-models.ts'

export interface OpenDoctor {
  readonly doctor: Doctor
  /** Lets go of everything that was opened for it. */
  readonly close: () => Promise<void>
}

const VERSIONS_MS = 5000
/** Several are looked at at once. */
const CONNECTIONS = 4
/** What is silent is not waited for in the end. */
const CLOSING_MS = 3000
/** A server that is away now is told to be away. */
const AT_ONCE = { patienceMs: 0 }

/** Opens nothing until it is asked to examine. */
export function openDoctor(config: Config): OpenDoctor {
  const endings: (() => Promise<unknown>)[] = []
  let opened: Promise<Database> | undefined
  const database = () => {
    opened ??= openDatabase(config, AT_ONCE)
    return opened
  }
  const doctor = new ServiceDoctor({
    outside: [
      ...serversOf(config, database).map(serverCheck),
      ...replicaChecks(config, endings),
      foldersOf(config),
    ],
    inside: async () => insideOf(config, (await database()).url, endings),
  })
  const close = async () => {
    await atMost(CLOSING_MS, Promise.all(endings.map((end) => end())))
    await atMost(
      CLOSING_MS,
      (opened ?? Promise.resolve(undefined)).then(
        (each) => each?.close(),
        () => {},
      ),
    )
  }
  return { doctor, close }
}

const foldersOf = ({ dataDir, archiveDir, databaseUrl }: Config): Check =>
  diskCheck(
    [
      { setting: 'DATA_DIR', path: dataDir, holds: databaseUrl ? 'what this machine keeps' : 'the database' },
      { setting: 'ARCHIVE_DIR', path: archiveDir, holds: 'the archived months of the event log' },
    ],
    roomFor,
  )

function serversOf(config: Config, database: () => Promise<Database>): (ExaminedServer | UnusedServer)[] {
  const { databaseUrl, eventStoreUrl, natsUrl, redisUrl } = config
  const postgres = async () => examinePostgres(databaseUrl ?? (await database()).url)
  return [
    { name: 'PostgreSQL', version: '15 or newer', examine: postgres },
    eventStoreUrl === undefined
      ? { name: 'EventStoreDB', instead: 'the event log is in PostgreSQL' }
      : {
          name: 'EventStoreDB',
          version: '21.10 or newer',
          examine: () => examineEventStore(eventStoreUrl),
        },
    natsUrl === undefined
      ? { name: 'NATS', instead: 'each process has a bus of its own' }
      : { name: 'NATS', version: '2.9 or newer', examine: () => examineNats(natsUrl) },
    redisUrl === undefined
      ? { name: 'Redis', instead: 'each process keeps its own snapshots' }
      : { name: 'Redis', version: '6 or newer', examine: () => examineRedis(redisUrl) },
  ]
}

/** Connections are opened when somebody looks. */
function replicaChecks(config: Config, endings: (() => Promise<unknown>)[]): Check[] {
  const { databaseUrl } = config
  const replicas = replicasOf(config)
  if (databaseUrl === undefined || replicas.length === 0) return []
  const pool = new ClientPool({ databaseUrl: sayTls(databaseUrl), name: 'taxbudget doctor', size: 1 })
  endings.push(() => pool.close(), ...replicas.map((replica) => () => replica.close()))
  const primary = {
    look: () => pool.lend(lookAt, { deadlineMs: VERSIONS_MS }),
    marks: config.eventStoreUrl === undefined ? marksBy(pool) : undefined,
  }
  return replicas.map((replica) => {
    const examined: ExaminedReplica = {
      name: replica.name,
      examine: () => examinePostgres(replica.url, replicaContact),
      look: () => replica.look(),
    }
    return replicaCheck(examined, primary)
  })
}

function insideOf(config: Config, databaseUrl: string, endings: (() => Promise<unknown>)[]): Check[] {
  const pool = new ClientPool({ databaseUrl, name: 'taxbudget doctor', size: CONNECTIONS })
  const periods = new PeriodStore({ databaseUrl })
  endings.push(
    () => pool.close(),
    () => periods.close(),
  )
  const figures = new DatabaseFigures(pool)
  const registry = new PostgresProcessRegistry(pool)
  const processes = () => registry.list()
  const readModels = () => figures.readModels()
  const opening = openEventLog(config, databaseUrl, () => {}, AT_ONCE)
  opening.catch(() => {})
  endings.push(() =>
    opening.then(
      ({ log }) => log.close(),
      () => {},
    ),
  )
  const stored = new StoredReadModels({ databaseUrl, rows: pool, periods })
  endings.push(() => stored.close())
  const versions = openPool({ databaseUrl, deadlineMs: VERSIONS_MS, size: 1 })
  versions.catch(() => {})
  endings.push(() =>
    versions.then(
      (each) => each.end(),
      () => {},
    ),
  )
  const list = async () => listVersions(await versions, (await opening).positionsPerEvent)
  const roles = ['web', 'projector', ...(config.natsUrl === undefined ? [] : ['relay'])]
  return [
    processesCheck(processes, roles),
    {
      name: 'lag',
      routine: 'always',
      look: async (signal) => {
        const { log, positionsPerEvent } = await opening
        return await lagCheck({ log, positionsPerEvent, readModels, processes }).look(signal)
      },
    },
    buildsCheck({ readModels, head: async () => (await opening).log.head(), operations: { list } }),
    snapshotsCheck(processes),
    trafficCheck(processes),
    trafficSinceStartCheck(processes),
    growthCheck({
      size: () => figures.size(),
      dailySizes: async () => {
        await figures.noteSize()
        return await figures.dailySizes()
      },
      room: config.databaseUrl === undefined ? () => roomFor(config.dataDir) : undefined,
    }),
    partitionsCheck({
      periodMonthsAhead: () => periods.monthsAhead(new Date()),
      logMonthsAhead: config.eventStoreUrl === undefined ? () => figures.logMonthsAhead() : undefined,
    }),
    ...archivesOf(config, databaseUrl, endings),
    backupsCheck(() => lastBackups(pool)),
    loadTestCheck(join(config.dataDir, 'loadtest.json')),
    updatesCheck((signal) => outdatedPackages(signal)),
    consistencyCheck(async (signal) => stored.verify((await opening).log, signal)),
  ]
}

function archivesOf(config: Config, databaseUrl: string, endings: (() => Promise<unknown>)[]): Check[] {
  const archive = openArchive(config, databaseUrl)
  if (!archive) return []
  endings.push(() => archive.close())
  const archived = { folder: archive.folder, months: () => archive.months() }
  return [archivesCheck(archived), archiveDigestsCheck(archived)]
}
