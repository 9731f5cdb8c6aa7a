import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../errors.ts'
import { findOpenedPoll } from '../../queries/ranges/opened-poll.ts'
import { type ReplayedRanges, replayInRanges } from '../../queries/ranges/replay-in-ranges.ts'
import { ReplayThread } from '../../queries/replay-thread.ts'
import type { Call } from '../command.ts'
import { showProgress } from '../progress.ts'
import { type ReplayOf, ResumeFile } from './resume-file.ts'

export interface ReplayOptions extends ReplayOf {
  /** Undefined: as many as fit on half of the processors, and these alone are used. */
  readonly jobs: number | undefined
  /** Undefined: a file of its own. */
  readonly resume: string | undefined
}

/** A range takes a fraction of this: who waits longer has stopped. */
const RANGE_DEADLINE_MS = 600_000

/** Half of the machine's processors, whether or not this process is kept to them already. */
const halfOfAll = (): number => Math.max(1, Math.min(availableParallelism(), cpus().length >> 1))

/**
 * Replays a poll from the log itself, in threads of its own.
 * @returns undefined if it was stopped: it has been told then how to go on
 * @throws {Problem} POLL_NOT_FOUND
 */
export async function runReplay(
  call: Pick<Call, 'services' | 'signal' | 'terminal' | 'config'>,
  options: ReplayOptions,
): Promise<ReplayedRanges | undefined> {
  const { signal, terminal } = call
  const { commands, replays } = await call.services()
  const { poll, asOf, periods, jobs = halfOfAll() } = options
  const leavesHalf = options.jobs === undefined
  const head = await commands.log.head()
  const opened = await findOpenedPoll(commands.log, poll, head)
  if (!opened) throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
  const path = options.resume ?? join(call.config.dataDir, `replay-${poll}-${process.pid}.ndjson`)
  const file = await ResumeFile.open(path, { poll, asOf, periods }, { openedAt: opened.openedAt, head })
  const threads = Array.from({ length: jobs }, () => new ReplayThread({ ...replays.source, leavesHalf }))
  const progress = showProgress('events', terminal.stderr)
  try {
    const replayed = await replayInRanges(
      { opened, upTo: file.upTo, asOf, periods },
      {
        jobs,
        signal,
        positionsPerEvent: replays.positionsPerEvent,
        done: file.done,
        onRange: (answer) => file.add(answer),
        onProgress: (events, fraction) => progress.update(fraction, events),
        fold: (range, job, onProgress) =>
          threads[job]!.ask('range', range, { deadlineMs: RANGE_DEADLINE_MS, signal, onProgress }),
      },
    )
    await file.remove()
    return replayed
  } catch (error) {
    terminal.say(`What is done is kept. To go on: the same command with --resume ${path}`)
    if (signal.aborted) return undefined
    throw error
  } finally {
    progress.stop()
    await Promise.all(threads.map((thread) => thread.close()))
  }
}
