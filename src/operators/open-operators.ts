import type { Exclusions } from '../commands/exclusions.ts'
import type { CommandContext } from '../commands/handler.ts'
import type { ParkedEvents } from '../projections/parked-events.ts'
import type { ProjectionStore } from '../projections/projection-store.ts'
import type { ReplayWorkerData } from '../queries/replay-jobs.ts'
import { ReplayPool } from '../queries/replay-pool.ts'
import type { ResultsQuery } from '../queries/results.ts'
import { OperatorsExclusions } from './exclusions.ts'
import { OperatorsParkedEvents } from './parked-events.ts'
import { Selections } from './selections.ts'

export interface OperatorsOptions {
  readonly commands: CommandContext
  readonly results: Pick<ResultsQuery, 'results'>
  readonly projections: Pick<ProjectionStore, 'parked' | 'checkpoint'>
  /** How a thread reaches the log. */
  readonly source: ReplayWorkerData
  /** How long it may take to find what a filter means, milliseconds. */
  readonly deadlineMs?: number | undefined
  readonly onProgress?: ((events: number) => void) | undefined
}

/** Reads the log three times at most. */
const DEADLINE_MS = 600_000

/** What operators do; the log is read for them in a thread of their own. */
export function openOperators({ deadlineMs = DEADLINE_MS, ...options }: OperatorsOptions): {
  readonly parkedEvents: ParkedEvents
  readonly exclusions: Exclusions
  close(): Promise<void>
} {
  const { commands, results, projections, source, onProgress } = options
  const pool = new ReplayPool(source, { threads: 1, waiting: 10 })
  const selections = new Selections({ log: commands.log, results, pool, deadlineMs, onProgress })
  return {
    parkedEvents: new OperatorsParkedEvents({ commands, store: projections }),
    exclusions: new OperatorsExclusions({ commands, selections }),
    close: () => pool.close(),
  }
}
