import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { withDeadline } from './deadline.ts'

/** A position that is not there by then is left out. */
const ASKING_MS = 1000

/** What Prometheus is told. Counting costs next to nothing; what has to be asked for is asked when it is read. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #answers = this.#counter(
    'taxbudget_results_answers_total',
    'Results asked for, by the tier that answered',
    ['tier'],
  )
  readonly #failures = this.#counter(
    'taxbudget_tier_failures_total',
    'Tiers that failed before the next was asked',
    ['tier'],
  )
  readonly #parked = this.#counter('taxbudget_events_parked_total', 'Events parked since the start', [])
  readonly #periods = this.#counter(
    'taxbudget_periods_written_total',
    'Periods written, each as often as a commit changed it',
    [],
  )
  readonly #periodsLeftOut = this.#counter(
    'taxbudget_periods_left_out_total',
    'Changed periods that were not written because the partition of their month is detached',
    [],
  )
  readonly #batches = new Histogram({
    name: 'taxbudget_append_batch_size',
    help: 'Appends that went together in one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers: [this.#registry],
  })
  readonly #active = new Gauge({
    name: 'taxbudget_projector_active',
    help: '1 if this process keeps the projection',
    registers: [this.#registry],
  })
  readonly #followsLog = new Gauge({
    name: 'taxbudget_projector_follows_log',
    help: '1 if the projector of this process follows the log itself, because the bus is away or behind',
    registers: [this.#registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  answered(tier: string): void {
    this.#answers.inc({ tier })
  }

  tierFailed(tier: string): void {
    this.#failures.inc({ tier })
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

  projecting(active: boolean): void {
    this.#active.set(active ? 1 : 0)
  }

  followsLog(follows: boolean): void {
    this.#followsLog.set(follows ? 1 : 0)
  }

  /** A position that is asked for whenever the metrics are read; left out while it cannot be had. */
  position(name: string, help: string, ask: () => Promise<bigint | number>): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: async () => {
        gauge.reset()
        await withDeadline(ASKING_MS, name, ask()).then(
          (position) => gauge.set(Number(position)),
          () => gauge.set(Number.NaN),
        )
      },
    })
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }
}
