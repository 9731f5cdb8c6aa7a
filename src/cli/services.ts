import type { Config } from '../config.ts'
import { openServices as openAll, type Services as ServiceParts } from '../services.ts'
import type { Call } from './command.ts'
import { keepResults, keepSubmissions } from './keep-projecting.ts'

/** What commands work on. */
export interface Services
  extends Pick<
    ServiceParts,
    | 'commands'
    | 'results'
    | 'exports'
    | 'projections'
    | 'periods'
    | 'trends'
    | 'submissionRows'
    | 'snapshots'
    | 'builds'
    | 'replays'
    | 'parkedEvents'
    | 'exclusions'
    | 'migrated'
    | 'openArchive'
    | 'openLogCopy'
    | 'databaseUrl'
    | 'readers'
  > {
  /**
   * Waits until everything that stands in the log now can be seen in the results, whoever projects it: a running
   * service, or else this process.
   */
  readonly caughtUp: (call: Pick<Call, 'signal' | 'terminal'>) => Promise<void>
  /** The same for trends, which may have to make up for an older history first. */
  readonly trendsCaughtUp: (call: Pick<Call, 'signal' | 'terminal'>) => Promise<void>
  /** The same for the submissions one by one: they may lag behind the results. */
  readonly submissionsCaughtUp: (call: Pick<Call, 'signal' | 'terminal'>) => Promise<void>
  /** Told how many events a replay has read, and of how many if not of all; set by who wants to know. */
  onReplayProgress: (events: number, of?: number) => void
  readonly close: () => Promise<void>
}

/** A replay may take as long as the log is: nobody else waits for it. */
const NO_LIMIT = 2n ** 63n - 1n
const A_DAY_MS = 86_400_000
/** So far may the submissions be behind the results before an export gives up. */
const PATIENCE_MS = 30_000

/**
 * Opens what a command needs, beside a running service or without one.
 * @param onWaiting told, in a sentence, of a server that does not answer yet
 */
export async function openServices(config: Config, onWaiting: (sentence: string) => void): Promise<Services> {
  // What a command tells nobody hears in time: whoever serves looks for itself.
  const parts = await openAll({ ...config, natsUrl: undefined }, undefined, {
    maxReplayEvents: NO_LIMIT,
    replayDeadlineMs: A_DAY_MS,
    exports: { stallMs: A_DAY_MS, patienceMs: PATIENCE_MS },
    replayPatienceMs: A_DAY_MS,
    onWaiting,
    onReplayProgress: (events, of) => services.onReplayProgress(events, of),
  })
  let keepingResults: ReturnType<typeof keepResults> | undefined
  let keepingSubmissions: ReturnType<typeof keepSubmissions> | undefined
  const services: Services = {
    ...parts,
    onReplayProgress: () => {},
    caughtUp: async (call) => {
      keepingResults ??= keepResults(parts)
      await keepingResults.caughtUp(call)
      await parts.readers.demandAllOfNow()
    },
    trendsCaughtUp: async (call) => {
      keepingResults ??= keepResults(parts)
      await keepingResults.caughtUp(call)
      await keepingResults.periodsCaughtUp(call)
      await parts.readers.demandAllOfNow()
    },
    submissionsCaughtUp: async (call) => {
      keepingSubmissions ??= keepSubmissions(parts)
      await keepingSubmissions.caughtUp(call)
      await parts.readers.demandAllOfNow()
    },
    close: async () => {
      await Promise.all([keepingResults?.stop(), keepingSubmissions?.stop()])
      await parts.close()
    },
  }
  return services
}
