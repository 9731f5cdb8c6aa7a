import { LagClock } from './lag-clock.ts'
import type { Metrics, Sample } from './metrics.ts'

/** How a replica stands. */
interface ReplicaState {
  readonly name: string
  readonly inUse: boolean
  /** Bytes of the write-ahead log; undefined before they have been seen. */
  readonly replayed: bigint | undefined
  readonly written: bigint | undefined
}

/** Tells Prometheus of each replica whether it is read, and how far it is behind. */
export function tellReplicas(metrics: Metrics, states: () => readonly ReplicaState[]): void {
  const clocks = new Map<string, LagClock>()
  const clockOf = (name: string) => {
    const clock = clocks.get(name) ?? new LagClock()
    clocks.set(name, clock)
    return clock
  }
  const lag = (of: (name: string, written: bigint, replayed: bigint) => number) => async () =>
    states().flatMap(({ name, written, replayed }): Sample[] =>
      written === undefined || replayed === undefined
        ? []
        : [[{ replica: name }, of(name, written, replayed)]],
    )
  metrics.ask(
    'taxbudget_replica_in_use',
    '1 if this process reads the replica; 0 while it is away, behind, promoted or no copy of the primary',
    async () => states().map(({ name, inUse }): Sample => [{ replica: name }, inUse ? 1 : 0]),
  )
  metrics.ask(
    'taxbudget_replica_lag_bytes',
    'What the primary has written and the replica has not replayed, as of the last look at each',
    lag((_, written, replayed) => Math.max(0, Number(written - replayed))),
  )
  metrics.ask(
    'taxbudget_replica_lag_seconds',
    'For how long the replica has lacked it, as this process has seen it',
    lag((name, written, replayed) => clockOf(name).look(written, replayed)),
  )
}
