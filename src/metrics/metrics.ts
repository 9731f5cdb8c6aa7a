import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { withDeadline } from '../deadline.ts'
import { Durations, tellDurations } from './durations.ts'
import { LiveFigures } from './live-figures.ts'
import { RequestTimings } from './request-timings.ts'
import { Tally } from './tally.ts'
import { tell } from './told.ts'

/** A figure that is not there by then is left out. */
const ASKING_MS = 1500

/** The results were there first: their figures have no label, so that nobody's alerts change. */
const RESULTS = 'category-aggregate'
const labelsOf = (projection: string) => (projection === RESULTS ? {} : { projection })

const tiers = ['snapshot', 'projection', 'replay']
/** What came of asking for a snapshot; `left-out`: it was not asked, because it failed lately. */
export type LookUp = 'hit' | 'miss' | 'failed' | 'left-out'

type Labels = Readonly<Record<string, string>>
/** One value of a figure; `{}` where it has no labels. */
export type Sample = readonly [labels: Labels, value: number]

/** A server whose connections are counted. */
interface Listener {
  getConnections(callback: (error: Error | null, count: number) => void): unknown
  once(event: 'close', listener: () => void): unknown
}

/** What Prometheus is told. Counting costs next to nothing; what has to be asked for is asked when it is read. */
export class Metrics {
  readonly #registry = new Registry()
  readonly requests = new RequestTimings(this.#registry)
  readonly live = new LiveFigures(this.#registry)
  readonly #answers = this.#tally(
    'taxbudget_results_answers_total',
    'Results asked for, by the tier that answered',
    'tier',
    tiers,
  )
  readonly #tierFailures = this.#tally(
    'taxbudget_tier_failures_total',
    'Tiers that failed before the next was asked',
    'tier',
    tiers,
  )
  readonly lookUps = this.#tally<LookUp>(
    'taxbudget_snapshot_lookups_total',
    'Snapshots looked for, by what came of it',
    'outcome',
    ['hit', 'miss', 'failed', 'left-out'],
  )
  readonly appendedEvents = this.#tally(
    'taxbudget_events_appended_total',
    'Events appended by this process',
    'type',
  )
  readonly projectedEvents = this.#tally<string>(
    'taxbudget_events_projected_total',
    'Events taken by the projectors of this process',
    'projection',
    [RESULTS, 'submissions'],
  )
  readonly appendDurations = new Durations()
  readonly #appendFailures = this.#counter(
    'taxbudget_append_failures_total',
    'Appends that the event log could not take, or not in time; a lost race of two for one stream is none',
  )
  readonly #parked = this.#counter('taxbudget_events_parked_total', 'Events parked since the start')
  readonly #periods = this.#counter(
    'taxbudget_periods_written_total',
    'Periods written, each as often as a commit changed it',
  )
  readonly #periodsLeftOut = this.#counter(
    'taxbudget_periods_left_out_total',
    'Changed periods that were not written because the partition of their month is detached',
  )
  readonly #batches = new Histogram({
    name: 'taxbudget_append_batch_size',
    help: 'Appends that went together in one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers: [this.#registry],
  })
  readonly #active = this.#gauge(
    'taxbudget_projector_active',
    '1 if this process keeps the results, or another projection by its name',
  )
  readonly #followsLog = this.#gauge(
    'taxbudget_projector_follows_log',
    '1 if the projector of this process (of the results, or another by its name) follows the log itself, because the bus is away or behind',
  )
  readonly #listeners = new Set<Listener>()
  /** What this process keeps, by name. */
  readonly activeProjections = new Set<string>()
  /** How far the bus has been brought; undefined while this process does not relay. */
  relay: { readonly position?: bigint } | undefined

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    this.#active.set(0)
    this.#followsLog.set(0)
    tellDurations(
      this.#registry,
      'taxbudget_append_duration_seconds',
      'How long appends took until they were durable',
      () => [{ labels: {}, durations: this.appendDurations }],
    )
    this.ask('taxbudget_relay_active', '1 if this process brings events to the bus', async () => [
      [{}, this.relay ? 1 : 0],
    ])
    this.ask('taxbudget_http_connections', 'Open connections to this process', async () => [
      [{}, await this.connections()],
    ])
  }

  answered(tier: string): void {
    this.#answers.add(tier)
  }

  tierFailed(tier: string): void {
    this.#tierFailures.add(tier)
  }

  /** @param ms until they were durable */
  appended(events: readonly { readonly type: string }[], ms: number): void {
    this.appendDurations.add(ms / 1000)
    for (const { type } of events) this.appendedEvents.add(type)
  }

  appendFailed(): void {
    this.#appendFailures.inc()
  }

  parked(): void {
    this.#parked.inc()
  }

  committed(appends: number): void {
    this.#batches.observe(appends)
  }

  periods(written: number, leftOut: number): void {
    this.#periods.inc(written)
    this.#periodsLeftOut.inc(leftOut)
  }

  /** @param projection its name among the projections */
  projected(events: number, projection: string): void {
    this.projectedEvents.add(projection, events)
  }

  /** Counts who answers what is asked of the read models, where there are replicas: one of these, or `primary`. */
  reads(): Tally {
    const help = 'Questions to the read models, by who was asked in the end'
    return this.#tally('taxbudget_projection_reads_total', help, 'server', ['primary'])
  }

  relaying(active: boolean): void {
    this.relay = active ? {} : undefined
  }

  /** The bus has everything up to here. */
  relayed(position: bigint): void {
    if (this.relay) this.relay = { position }
  }

  /** @param projection its name among the projections */
  projecting(active: boolean, projection: string): void {
    if (active) this.activeProjections.add(projection)
    else this.activeProjections.delete(projection)
    this.#active.set(labelsOf(projection), active ? 1 : 0)
  }

  /** @param projection its name among the projections */
  followsLog(follows: boolean, projection: string): void {
    this.#followsLog.set(labelsOf(projection), follows ? 1 : 0)
  }

  /** Counts the connections of a server, until it is closed. */
  listens(server: Listener): void {
    this.#listeners.add(server)
    server.once('close', () => this.#listeners.delete(server))
  }

  /** How many connections are open. */
  async connections(): Promise<number> {
    const count = (server: Listener) =>
      new Promise<number>((resolve) => server.getConnections((error, open) => resolve(error ? 0 : open)))
    const counts = await Promise.all([...this.#listeners].map(count))
    return counts.reduce((sum, each) => sum + each, 0)
  }

  /**
   * A figure that is asked for whenever the metrics are read. One that cannot be had in time is left out: Prometheus
   * knows then that it is not known.
   */
  ask(name: string, help: string, samples: () => Promise<readonly Sample[]>): void {
    const values = async () => {
      const found = await withDeadline(ASKING_MS, name, samples()).catch(() => [])
      return found.map(([labels, value]) => ({ metricName: name, labels, value }))
    }
    tell(this.#registry, { name, help, type: 'gauge', values })
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] })
  }

  #gauge(name: string, help: string): Gauge<'projection'> {
    return new Gauge({ name, help, labelNames: ['projection'], registers: [this.#registry] })
  }

  #tally<Value extends string>(name: string, help: string, label: string, values?: readonly Value[]) {
    return new Tally<Value>(this.#registry, name, help, label, values)
  }
}
