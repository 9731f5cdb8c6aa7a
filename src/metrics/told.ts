import type { Metric, MetricValueWithName, Registry } from 'prom-client'

interface Told {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Asked whenever the metrics are read. */
  readonly values: () => Promise<MetricValueWithName<string>[]> | MetricValueWithName<string>[]
}

/**
 * Has `registry` tell of something that is counted elsewhere. prom-client's own metrics keep what they were told last,
 * or 0: of a figure that cannot be had, nothing should be told.
 */
export function tell(registry: Registry, { name, help, type, values }: Told): void {
  const get = async () => ({ name, help, type, aggregator: 'sum', values: await values() })
  // Of a metric, reading a registry as text asks no more than this.
  registry.registerMetric({ name, get, reset: () => {} } as unknown as Metric)
}
