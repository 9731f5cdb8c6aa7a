/** How long things took, milliseconds. */
export class Latencies {
  readonly #values: number[] = []

  add(milliseconds: number): void {
    this.#values.push(milliseconds)
  }

  /** Nearest rank, to a tenth of a millisecond; null if there is nothing. */
  percentile(percent: number): number | null {
    const sorted = Float64Array.from(this.#values).sort()
    const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
    return value === undefined ? null : Math.round(value * 10) / 10
  }
}
