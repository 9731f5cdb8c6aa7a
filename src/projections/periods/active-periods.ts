/** The periods in the hands of the one active projector. Whatever fails, it begins anew with another of these. */
import type { DatabasePool } from 'slonik'
import type { Position } from '../../events/event-log.ts'
import { monthOf } from './month.ts'
import { applyDelta, type Period, type PeriodDelta } from './period.ts'
import { PeriodChanges } from './period-changes.ts'
import { PeriodMonths } from './period-months.ts'
import { loadPeriods, type PeriodKey, type PeriodsOfPolls } from './stored-periods.ts'

/** So many periods are kept in memory between two commits: those that were changed last will be changed next. */
const HOT_PERIODS = 128

/** What a batch of events changed in the periods. */
export interface PeriodsChange {
  readonly version: number
  /** The checkpoint that this change starts from. */
  readonly from: Position
  readonly to: Position
  readonly periods: PeriodsOfPolls
  /** Periods that are changed but not stored, because their month is detached. */
  readonly leftOut: number
}

export class ActivePeriods {
  readonly version: number
  /** Collects what comes next. */
  readonly changes = new PeriodChanges()
  readonly #pool: DatabasePool
  readonly #months: PeriodMonths
  /** `poll start` → the period as it is stored, those changed last at the end. */
  #hot = new Map<string, Period>()
  #checkpoint: Position

  constructor(pool: DatabasePool, version: number, checkpoint: Position, now: () => Date) {
    this.#pool = pool
    this.#months = new PeriodMonths(pool, now)
    this.version = version
    this.#checkpoint = checkpoint
  }

  /** How far the stored periods have come. */
  get checkpoint(): Position {
    return this.#checkpoint
  }

  /** Sees to it that some months ahead can be written into. */
  async prepare(): Promise<void> {
    await this.#months.prepare(new Set())
  }

  /** What has been collected up to `to`, merged with what is stored. */
  async changed(to: Position): Promise<PeriodsChange> {
    const deltas = [...this.changes.take()].flatMap(([poll, periods]) =>
      [...periods.values()].map((delta) => ({ poll, delta })),
    )
    await this.#months.prepare(new Set(deltas.map(({ delta }) => monthOf(delta.start))))
    const kept = deltas.filter(({ delta }) => !this.#months.isDetached(monthOf(delta.start)))
    const periods = await this.#merge(kept)
    const { version, checkpoint: from } = this
    return { version, from, to, periods, leftOut: deltas.length - kept.length }
  }

  /** Told when a change is stored. */
  committed({ to }: PeriodsChange): void {
    this.#checkpoint = to
    const tooMany = this.#hot.size - HOT_PERIODS
    if (tooMany > 0) this.#hot = new Map([...this.#hot].slice(tooMany))
  }

  async #merge(deltas: readonly { poll: string; delta: PeriodDelta }[]): Promise<PeriodsOfPolls> {
    const cold = deltas.filter(({ poll, delta }) => !this.#hot.has(keyOf(poll, delta.start)))
    const keys = cold.map(({ poll, delta }): PeriodKey => [poll, delta.start])
    const stored = await loadPeriods(this.#pool, this.version, keys)
    const merged = new Map<string, Period[]>()
    for (const { poll, delta } of deltas) {
      const key = keyOf(poll, delta.start)
      const period = applyDelta(this.#hot.get(key) ?? stored.get(poll)?.get(delta.start), delta)
      this.#hot.delete(key)
      this.#hot.set(key, period)
      const periods = merged.get(poll)
      if (periods) periods.push(period)
      else merged.set(poll, [period])
    }
    return merged
  }
}

const keyOf = (poll: string, start: number): string => `${poll} ${start}`
