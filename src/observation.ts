/** What is asked of this process and of the database now and then, for Prometheus and for the process's own heartbeat. */
import { totalmem } from 'node:os'
import type { Config } from './config.ts'
import type { EventLog } from './events/event-log.ts'
import { LagClock } from './metrics/lag-clock.ts'
import type { Metrics, Sample } from './metrics/metrics.ts'
import { Shared } from './metrics/shared.ts'
import { ClientPool } from './postgres/client-pool.ts'
import type { PoolUse } from './postgres/pool-use.ts'
import { DatabaseFigures, type ReadModels } from './processes/database-figures.ts'
import { roomFor } from './processes/disk.ts'
import { PostgresProcessRegistry } from './processes/process-registry.ts'
import { PostgresSignedOutSessions } from './processes/signed-out-sessions.ts'
import type { SnapshotStore } from './projections/snapshot-store.ts'

/** Figures that grow stale at once, some later, and hardly ever; milliseconds. */
const KEEP_MS = { brief: 2000, some: 10_000, long: 60_000 } as const

/** By their names in the database. */
const followers: Readonly<Record<string, string>> = {
  'category-aggregate': 'results',
  periods: 'periods',
  submissions: 'submissions',
}

export interface ObservationOptions {
  readonly config: Config
  readonly databaseUrl: string
  readonly log: Pick<EventLog, 'head'>
  /** How far apart the positions of two events are. */
  readonly positionsPerEvent: bigint
  readonly snapshots: Pick<SnapshotStore, 'get' | 'memory'>
  readonly metrics: Metrics
  /** Which parts are left alone because they failed lately. */
  readonly leftAlone: () => Readonly<Record<string, boolean>>
  /** By the names that Prometheus is told. */
  readonly pools: Readonly<Record<string, () => PoolUse>>
  readonly periodMonthsAhead: () => Promise<number>
}

/** How far one who follows the log is behind. */
interface Lag {
  readonly events: number
  readonly seconds: number
}

export class Observation {
  readonly registry: PostgresProcessRegistry
  readonly signedOut: PostgresSignedOutSessions
  readonly database: DatabaseFigures
  readonly #options: ObservationOptions
  readonly #pool: ClientPool
  readonly #clocks = new Map<string, LagClock>()
  readonly #head: Shared<bigint>
  readonly #readModels: Shared<ReadModels>
  readonly #snapshotAge: Shared<number>

  constructor(options: ObservationOptions) {
    this.#options = options
    // Connections of its own: who watches takes none from those who serve.
    this.#pool = new ClientPool({ databaseUrl: options.databaseUrl, name: 'taxbudget watch', size: 2 })
    this.registry = new PostgresProcessRegistry(this.#pool)
    this.signedOut = new PostgresSignedOutSessions(this.#pool)
    this.database = new DatabaseFigures(this.#pool)
    const brief = (name: string) => ({ name, keepMs: KEEP_MS.brief })
    this.#head = new Shared(brief('the head of the log'), () => options.log.head())
    this.#readModels = new Shared(brief('the read models'), () => this.database.readModels())
    this.#snapshotAge = new Shared(brief('the snapshot'), () => this.#askSnapshotAge())
    this.#tellPositions()
    this.#tellLag()
    this.#tellParts()
    this.#tellRoom()
  }

  /** Beside what the process counts itself. What cannot be had in time is left out. */
  async figures(): Promise<Record<string, number>> {
    const { metrics, config } = this.#options
    const [lags, snapshotAge, connections, data] = await Promise.all([
      this.#lags().catch((): Record<string, Lag> => ({})),
      this.#snapshotAge.get().catch(() => Number.NaN),
      metrics.connections(),
      roomFor(config.dataDir).catch(() => undefined),
    ])
    const { lookUps, activeProjections, relay } = metrics
    const lookedFor = (['hit', 'miss', 'failed', 'left-out'] as const).map((outcome) => lookUps.of(outcome))
    return {
      connections,
      snapshotAgeSeconds: snapshotAge,
      snapshotHits: lookUps.of('hit'),
      snapshotLookUps: lookedFor.reduce((sum, count) => sum + count, 0),
      memoryLimit: Math.min(process.constrainedMemory() || totalmem(), totalmem()),
      keepsResults: activeProjections.has('category-aggregate') ? 1 : 0,
      keepsSubmissions: activeProjections.has('submissions') ? 1 : 0,
      relays: relay ? 1 : 0,
      ...(lags.relay && { relayLagEvents: lags.relay.events, relayLagSeconds: lags.relay.seconds }),
      ...(lags.results && { lagSeconds: lags.results.seconds }),
      ...(data && { diskFree: data.free, diskSize: data.size }),
    }
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  #tellPositions(): void {
    const { metrics, positionsPerEvent } = this.#options
    metrics.ask('taxbudget_log_head_position', 'Position of the last event of the log', async () => [
      [{}, Number(await this.#head.get())],
    ])
    metrics.ask(
      'taxbudget_projection_position',
      'Checkpoint of the live projection: of the results, and of others by their names',
      async () =>
        (await this.#live())
          .filter(({ name }) => name !== 'periods')
          .map(({ name, position }) => [
            name === 'category-aggregate' ? {} : { projection: name },
            Number(position),
          ]),
    )
    metrics.ask('taxbudget_periods_position', 'Checkpoint of the periods', async () =>
      (await this.#live())
        .filter(({ name }) => name === 'periods')
        .map(({ position }) => [{}, Number(position)]),
    )
    metrics.ask('taxbudget_backlog_events', 'Events of the log that some read model lacks', async () => {
      const [head, live] = await Promise.all([this.#head.get(), this.#live()])
      return live.length === 0
        ? []
        : [[{}, Math.max(...live.map(({ position }) => eventsBetween(position, head, positionsPerEvent)))]]
    })
    metrics.ask(
      'taxbudget_parked_events',
      'Events that could not be applied and wait for an operator',
      async () => [[{}, (await this.#readModels.get()).parked]],
    )
    metrics.ask(
      'taxbudget_build_progress_ratio',
      'How far the next version of a read model has been built: 1 is the head of the log',
      async () => {
        const [head, { versions }] = await Promise.all([this.#head.get(), this.#readModels.get()])
        return versions
          .filter(({ status }) => status === 'building')
          .map(({ name, version, position }) => [
            { projection: name, version: String(version) },
            head === 0n ? 1 : Number(position) / Number(head),
          ])
      },
    )
  }

  #tellLag(): void {
    const { metrics } = this.#options
    const of = async (what: keyof Lag): Promise<Sample[]> =>
      Object.entries(await this.#lags()).map(([follower, lag]) => [{ follower }, lag[what]])
    metrics.ask(
      'taxbudget_lag_events',
      'By how many events those who follow the log are behind; of the relay only in the process that relays',
      () => of('events'),
    )
    metrics.ask(
      'taxbudget_lag_seconds',
      'For how long they have been behind, as this process has seen it',
      () => of('seconds'),
    )
    metrics.ask(
      'taxbudget_snapshot_age_seconds',
      'For how long the snapshot of the poll that changed last has been behind the projection; 0: it is not',
      async () => [[{}, await this.#snapshotAge.get()]],
    )
  }

  #tellParts(): void {
    const { metrics, leftAlone, pools } = this.#options
    metrics.ask(
      'taxbudget_breaker_open',
      '1 while a part that failed lately is left alone, but for a trial now and then',
      async () => Object.entries(leftAlone()).map(([breaker, open]) => [{ breaker }, open ? 1 : 0]),
    )
    metrics.ask(
      'taxbudget_pool_connections',
      'Connections to PostgreSQL by pool and state; waiting: those who wait for one',
      async () =>
        Object.entries({ ...pools, watch: () => this.#pool.use }).flatMap(([pool, use]) =>
          Object.entries(use()).map(([state, count]): Sample => [{ pool, state }, count]),
        ),
    )
  }

  #tellRoom(): void {
    const { config, metrics, snapshots, periodMonthsAhead } = this.#options
    const shared = <T>(name: string, keepMs: number, ask: () => Promise<T>) =>
      new Shared({ name, keepMs }, ask)
    const size = shared('the size of the database', KEEP_MS.long, () => this.database.size())
    metrics.ask('taxbudget_database_size_bytes', 'Of the database, with all its indexes', async () => [
      [{}, await size.get()],
    ])
    const memory = shared('Redis’s memory', KEEP_MS.some, async () => await snapshots.memory?.())
    metrics.ask('taxbudget_redis_memory_bytes', 'Memory that Redis uses', async () => {
      const known = await memory.get()
      return known ? [[{}, known.used]] : []
    })
    metrics.ask(
      'taxbudget_redis_memory_limit_bytes',
      'Memory that Redis may use: its maxmemory, else all of its machine’s',
      async () => {
        const limit = (await memory.get())?.limit
        return limit === undefined ? [] : [[{}, limit]]
      },
    )
    const folders = { data: config.dataDir, archive: config.archiveDir }
    const rooms = shared('the disks', KEEP_MS.some, () =>
      Promise.all(
        Object.entries(folders).map(async ([folder, path]) => ({ folder, ...(await roomFor(path)) })),
      ),
    )
    const room = (what: 'free' | 'size') => async () =>
      (await rooms.get()).map((each): Sample => [{ folder: each.folder }, each[what]])
    metrics.ask('taxbudget_disk_free_bytes', 'Free on the disks of DATA_DIR and ARCHIVE_DIR', room('free'))
    metrics.ask('taxbudget_disk_size_bytes', 'Size of these disks', room('size'))
    const months = shared('the months', KEEP_MS.long, periodMonthsAhead)
    metrics.ask(
      'taxbudget_period_months_ahead',
      'Months ahead that can be written into already',
      async () => [[{}, await months.get()]],
    )
    if (config.eventStoreUrl !== undefined) return
    const logMonths = shared('the months of the log', KEEP_MS.long, () => this.database.logMonthsAhead())
    metrics.ask('taxbudget_log_months_ahead', 'The same of the event log in PostgreSQL', async () => [
      [{}, await logMonths.get()],
    ])
  }

  async #live() {
    return (await this.#readModels.get()).versions.filter(({ status }) => status === 'live')
  }

  async #lags(): Promise<Record<string, Lag>> {
    const { metrics, positionsPerEvent } = this.#options
    const [head, live] = await Promise.all([this.#head.get(), this.#live()])
    const places = live.map(({ name, position }) => [followers[name] ?? name, position] as const)
    const relayed = metrics.relay?.position
    if (relayed !== undefined) places.push(['relay', relayed])
    return Object.fromEntries(
      places.map(([follower, position]) => {
        const seconds = this.#clockOf(follower).look(head, position)
        return [follower, { events: eventsBetween(position, head, positionsPerEvent), seconds }]
      }),
    )
  }

  async #askSnapshotAge(): Promise<number> {
    const { newestPoll } = await this.#readModels.get()
    if (!newestPoll) return 0
    const { poll, position } = newestPoll
    const snapshot = await this.#options.snapshots.get(poll)
    return this.#clockOf(`snapshot of ${poll}`).look(position, snapshot?.position ?? -1n)
  }

  #clockOf(follower: string): LagClock {
    const known = this.#clocks.get(follower) ?? new LagClock()
    this.#clocks.set(follower, known)
    return known
  }
}

/** How many events lie between two positions: exact where positions are numbered one by one. */
const eventsBetween = (from: bigint, to: bigint, positionsPerEvent: bigint): number =>
  to > from ? Math.ceil(Number(to - from) / Number(positionsPerEvent)) : 0
