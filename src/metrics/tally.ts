import type { Registry } from 'prom-client'
import { tell } from './told.ts'

/** Counts by one label. Counting is an addition: the labels are put together when the metrics are read. */
export class Tally<Value extends string = string> {
  readonly #counts = new Map<Value, number>()

  /** @param values there from the start: a rate of what has not happened yet is 0, and not unknown */
  constructor(registry: Registry, name: string, help: string, label: string, values: readonly Value[] = []) {
    for (const value of values) this.#counts.set(value, 0)
    tell(registry, {
      name,
      help,
      type: 'counter',
      values: () =>
        [...this.#counts].map(([of, value]) => ({ metricName: name, labels: { [label]: of }, value })),
    })
  }

  add(value: Value, count = 1): void {
    this.#counts.set(value, this.of(value) + count)
  }

  of(value: Value): number {
    return this.#counts.get(value) ?? 0
  }
}
