import type { Exclusions } from '../commands/exclusions.ts'
import type { SubmissionContext } from '../commands/submit-allocation.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ParkedEvents } from '../projections/parked-events.ts'
import type { SnapshotStore } from '../projections/snapshot-store.ts'
import type { Exports } from '../queries/exports/exports.ts'
import type { ReadersLog } from '../queries/readers-log.ts'
import type { ResultsQuery } from '../queries/results.ts'
import type { TrendsQuery } from '../queries/trends.ts'
import type { Readiness } from '../readiness.ts'
import type { LiveLimits } from './live/limits.ts'
import type { WatchOptions } from './live/watch.ts'
import type { OperatorContext } from './operator/context.ts'
import type { PollTexts } from './poll-texts.ts'

/** Everything that pages and API are given; they reach for nothing else. */
export interface WebContext {
  /** For the handlers in `src/commands`. */
  readonly commands: SubmissionContext
  readonly results: ResultsQuery
  /** Tells of every new snapshot. */
  readonly snapshots: Pick<SnapshotStore, 'onChange'>
  readonly trends: Pick<TrendsQuery, 'trends' | 'detailed'>
  /** Submissions as files. */
  readonly exports: Exports
  /** For what is read from the log without a command: refused at once while the log is away. */
  readonly readersLog: Pick<ReadersLog, 'readStream'>
  /** What operators do. */
  readonly parkedEvents: ParkedEvents
  readonly exclusions: Exclusions
  /** What pages call polls in other languages. */
  readonly pollTexts: PollTexts
  /** The poll at `/`. */
  readonly defaultPoll: string
  /** Where people reach the service, without a trailing slash. */
  readonly publicUrl: string
  /** SESSION_SECRET: signs form tokens. */
  readonly secret: string
  /** Opens what is for operators; closed without it. */
  readonly operatorToken: string | undefined
  /** What the operators' console works with; without it, as without a token, it is closed. */
  readonly operator: OperatorContext | undefined
  /** Proxies to believe, as fastify's `trustProxy`. */
  readonly trustProxy: boolean | string
  /** pino's level. */
  readonly logLevel: string
  readonly metrics: Metrics
  /** How patient live updates are, where it is not as usual. */
  readonly live?: Partial<LiveLimits & Pick<WatchOptions, 'tickMs' | 'stallMs'>>
  readonly readiness: Readiness
}
