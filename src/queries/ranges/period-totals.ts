import { type Position, START } from '../../events/event-log.ts'
import type { PeriodKind, PeriodReader, PeriodSums } from '../../projections/period-aggregate.ts'

/** The quarters of an hour that a replay has added up, to be read like those that are stored. */
export class PeriodTotals implements PeriodReader {
  readonly #kinds: Readonly<Record<PeriodKind, Map<number, PeriodSums>>> = {
    cast: new Map(),
    change: new Map(),
  }
  checkpoint: Position = START

  add(periods: Readonly<Record<PeriodKind, readonly PeriodSums[]>>): void {
    for (const kind of ['cast', 'change'] as const)
      for (const period of periods[kind]) {
        const known = this.#kinds[kind].get(period.start)
        this.#kinds[kind].set(period.start, known ? sum(known, period) : period)
      }
  }

  async sums(_poll: string, kind: PeriodKind, _options?: object) {
    const periods = [...this.#kinds[kind].values()].sort((a, b) => a.start - b.start)
    // Whoever has replayed knows the poll itself.
    const about = { asOf: null, parked: 0 }
    return { version: 1, checkpoint: this.checkpoint, about, periods: once(periods) }
  }

  /** A replay keeps no histograms of periods: they would not fit into memory. */
  aggregates(): never {
    throw new Error('a replay adds up sums alone')
  }
}

async function* once<T>(batch: readonly T[]): AsyncGenerator<readonly T[]> {
  yield batch
}

const sum = (one: PeriodSums, other: PeriodSums): PeriodSums => ({
  start: one.start,
  // They are added in the order of the log.
  position: other.position,
  counted: one.counted + other.counted,
  excluded: one.excluded + other.excluded,
  withdrawn: one.withdrawn + other.withdrawn,
  sums: one.sums.map((value, index) => value + other.sums[index]!),
  sumSquares: one.sumSquares.map((value, index) => value + other.sumSquares[index]!),
})
