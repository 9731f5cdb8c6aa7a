import type { Config } from '../config.ts'
import { openServices as openAll, type Services as ServiceParts } from '../services.ts'
import type { Call } from './command.ts'
import { keepProjecting } from './keep-projecting.ts'

/** What commands work on. */
export interface Services
  extends Pick<ServiceParts, 'commands' | 'results' | 'projections' | 'snapshots' | 'migrated'> {
  /**
   * Waits until everything that stands in the log now can be seen in the results, whoever projects it: a running
   * service, or else this process.
   */
  readonly caughtUp: (call: Pick<Call, 'signal' | 'terminal'>) => Promise<void>
  /** Told how many events a replay has read; set by who wants to know. */
  onReplayProgress: (events: number) => void
  readonly close: () => Promise<void>
}

/** A replay may take as long as the log is: nobody else waits for it. */
const NO_LIMIT = 2n ** 63n - 1n
const A_DAY_MS = 86_400_000

/**
 * Opens what a command needs, beside a running service or without one.
 * @param onWaiting told, in a sentence, of a server that does not answer yet
 */
export async function openServices(config: Config, onWaiting: (sentence: string) => void): Promise<Services> {
  // What a command tells nobody hears in time: whoever serves looks for itself.
  const parts = await openAll({ ...config, natsUrl: undefined }, undefined, {
    maxReplayEvents: NO_LIMIT,
    replayDeadlineMs: A_DAY_MS,
    replayPatienceMs: A_DAY_MS,
    onWaiting,
    onReplayProgress: (events) => services.onReplayProgress(events),
  })
  let projecting: ReturnType<typeof keepProjecting> | undefined
  const services: Services = {
    ...parts,
    onReplayProgress: () => {},
    caughtUp: (call) => {
      projecting ??= keepProjecting(parts)
      return projecting.caughtUp(call)
    },
    close: async () => {
      await projecting?.stop()
      await parts.close()
    },
  }
  return services
}
