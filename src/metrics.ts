import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { withDeadline } from './deadline.ts'

/** A position that is not there by then is left out. */
const ASKING_MS = 1000

/** The results were there first: their figures have no label, so that nobody's alerts change. */
const RESULTS = 'category-aggregate'
const labelsOf = (projection: string) => (projection === RESULTS ? {} : { projection })

/** What live updates tell of themselves. */
export interface LiveFigures {
  opened(): void
  /** @param reason why: `left`, `slow`, `silent`, `talking`, `ending` */
  closed(reason: string): void
  /** There was no room for another one. */
  refused(): void
  sent(messages: number): void
}

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
    help: '1 if this process keeps the results, or another projection by its name',
    labelNames: ['projection'],
    registers: [this.#registry],
  })
  readonly #followsLog = new Gauge({
    name: 'taxbudget_projector_follows_log',
    help: '1 if the projector of this process (of the results, or another by its name) follows the log itself, because the bus is away or behind',
    labelNames: ['projection'],
    registers: [this.#registry],
  })

  readonly live = this.#liveFigures()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    this.#active.set(0)
    this.#followsLog.set(0)
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

  /** @param projection its name among the projections */
  projecting(active: boolean, projection: string): void {
    this.#active.set(labelsOf(projection), active ? 1 : 0)
  }

  /** @param projection its name among the projections */
  followsLog(follows: boolean, projection: string): void {
    this.#followsLog.set(labelsOf(projection), follows ? 1 : 0)
  }

  /**
   * A position that is asked for whenever the metrics are read; one that cannot be had is no number.
   * @param others more of the same, by the projection's name
   */
  position(
    name: string,
    help: string,
    ask: () => Promise<bigint | number>,
    others: Readonly<Record<string, () => Promise<bigint>>> = {},
  ): void {
    const asked = [
      [{}, ask] as const,
      ...Object.entries(others).map(([projection, other]) => [{ projection }, other] as const),
    ]
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [this.#registry],
      collect: async () => {
        const positions = asked.map(async ([labels, askOne]) => {
          const position = await withDeadline(ASKING_MS, name, askOne()).catch(() => Number.NaN)
          gauge.set(labels, Number(position))
        })
        await Promise.all(positions)
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

  #liveFigures(): LiveFigures {
    const open = new Gauge({
      name: 'taxbudget_live_sockets',
      help: 'Open sockets that watch results',
      registers: [this.#registry],
    })
    const closed = this.#counter('taxbudget_live_sockets_closed_total', 'Sockets that were closed, by why', [
      'reason',
    ])
    const refused = this.#counter(
      'taxbudget_live_sockets_refused_total',
      'Sockets that there was no room for',
      [],
    )
    const sent = this.#counter('taxbudget_live_messages_total', 'Messages sent to sockets', [])
    return {
      opened: () => open.inc(),
      closed: (reason) => {
        open.dec()
        closed.inc({ reason })
      },
      refused: () => refused.inc(),
      sent: (messages) => sent.inc(messages),
    }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }
}
