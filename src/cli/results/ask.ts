import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../errors.ts'
import type { Answer, ResultsOptions } from '../../queries/results.ts'
import type { Call } from '../command.ts'
import { showProgress } from '../progress.ts'

const SNAPSHOT_WITHIN_MS = 2000

/** The poll's results with everything in them that stands in the log now. @throws {Problem} as `ResultsQuery.results` */
export async function askResults(call: Call, poll: string, options: ResultsOptions): Promise<Answer> {
  const isReplay = options.tier === 'replay' || options.asOf !== undefined || options.position !== undefined
  if (isReplay) return await replay(call, poll, options)
  const { results, caughtUp } = await call.services()
  await caughtUp(call)
  if (options.tier === 'snapshot') {
    // Tells a poll that does not exist by its own error.
    await results.poll(poll)
    await haveSnapshot(call, poll)
  }
  return await results.results(poll, options)
}

/** Without a running service this process makes the snapshots itself, as soon as it is the one that projects. */
async function haveSnapshot(call: Call, poll: string): Promise<void> {
  const { snapshots, caughtUp } = await call.services()
  for (const until = performance.now() + SNAPSHOT_WITHIN_MS; performance.now() < until; await sleep(20))
    if (await snapshots.get(poll).catch(() => undefined)) return await caughtUp(call)
  throw new Problem('RESULTS_UNAVAILABLE', {
    detail: `No snapshot can be read from here; without Redis a running service keeps its snapshots to itself: ask its API, /api/polls/${poll}/results, or use --tier projection.`,
  })
}

async function replay(
  { services, terminal, signal }: Call,
  poll: string,
  options: ResultsOptions,
): Promise<Answer> {
  const opened = await services()
  const events = Number(options.position ?? (await opened.commands.log.head()))
  const progress = showProgress('events', terminal.stderr)
  opened.onReplayProgress = (read, of = events) => progress.update(Math.min(1, read / of), read)
  try {
    return await Promise.race([opened.results.results(poll, { ...options, signal }), untilAborted(signal)])
  } finally {
    progress.stop()
  }
}

/** Rejects at Ctrl-C; closing the services then ends the replay. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
