/** Where the threads that replay are put together. */
import type { Logger } from 'pino'
import type { OpenLog } from './adapters.ts'
import type { EventLog } from './events/event-log.ts'
import type { KeeperOptions } from './projections/poll-states/keeper.ts'
import { PastResults } from './queries/past/past-results.ts'
import { ReplayPool } from './queries/replay-pool.ts'
import { ReplayThread } from './queries/replay-thread.ts'
import { Replayer } from './queries/replayer.ts'

export interface ReplaysOptions {
  /** Longest log that is replayed for a question; the command line has all the time in the world. */
  readonly maxReplayEvents?: bigint
  readonly replayDeadlineMs?: number
  readonly onReplayProgress?: (events: number, of?: number) => void
}

/** What replays, in threads of their own that are started when they are first needed. */
export interface OpenReplays {
  readonly replayer: Replayer
  readonly past: PastResults
  readonly foldSegment: KeeperOptions['foldSegment']
  readonly close: () => Promise<void>
}

/** For a longer log, readers' questions about the past are for `taxbudget replay`, not for a web request. */
const MAX_REPLAY_EVENTS = 5_000_000n
const REPLAY_DEADLINE_MS = 60_000
/** Questions about the past at one time: the rest of the machine is for those who submit. */
const PAST = { threads: 2, waiting: 30 }
const SEGMENT_DEADLINE_MS = 600_000
/** Megabytes. Nobody waits for the stored states: what folding them throws away may be collected more often. */
const KEEPING = { maxYoungGenerationSizeMb: 6 }

export function openReplays(
  log: EventLog,
  { source, positionsPerEvent }: Pick<OpenLog, 'source' | 'positionsPerEvent'>,
  logger: Logger,
  { maxReplayEvents, replayDeadlineMs, onReplayProgress }: ReplaysOptions,
): OpenReplays {
  const bounds = {
    maxEvents: maxReplayEvents ?? MAX_REPLAY_EVENTS,
    deadlineMs: replayDeadlineMs ?? REPLAY_DEADLINE_MS,
    onProgress: onReplayProgress,
  }
  const replayer = new Replayer({ log, source, positionsPerEvent, ...bounds })
  const pool = new ReplayPool(source, PAST)
  const onWarning = (warning: string) => logger.warn({ warning }, 'the stored states cannot be read')
  const past = new PastResults({ log, pool, positionsPerEvent, ...bounds, onWarning })
  const keeping = new ReplayThread(source, KEEPING)
  return {
    replayer,
    past,
    foldSegment: (range, signal) =>
      keeping.ask('segment', range, { signal, deadlineMs: SEGMENT_DEADLINE_MS }),
    close: async () => {
      await Promise.all([replayer, pool, keeping].map((part) => part.close()))
    },
  }
}
