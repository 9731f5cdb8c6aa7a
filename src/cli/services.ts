import type { SubmissionContext } from '../commands/submit-allocation.ts'
import type { ResultsQuery } from '../queries/results.ts'

/** What commands work on. */
export interface Services {
  /** For the handlers in `src/commands`; holds the event log. */
  readonly commands: SubmissionContext
  readonly results: ResultsQuery
  readonly close: () => Promise<void>
}
