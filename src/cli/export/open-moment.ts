import type { KnownMoment, MomentAsked } from '../../queries/exports/moments.ts'
import type { Answer } from '../../queries/results.ts'
import type { Call } from '../command.ts'
import { showProgress } from '../progress.ts'

export interface PublishedMoment {
  readonly moment: KnownMoment
  readonly answer: Answer
}

/** The moment that is asked for, with everything in it that stands in the log now. @throws {Problem} as `ResultsQuery.results` */
export async function openMoment(
  call: Pick<Call, 'services' | 'terminal' | 'signal'>,
  poll: string,
  asked: MomentAsked,
): Promise<PublishedMoment> {
  const { terminal, signal } = call
  const services = await call.services()
  await services.caughtUp(call)
  await services.submissionsCaughtUp(call)
  const events = Number(asked.position ?? (await services.commands.log.head()))
  const progress = showProgress('events', terminal.stderr)
  services.onReplayProgress = (read) => progress.update(Math.min(1, read / events), read)
  try {
    return await Promise.race([services.exports.published(poll, asked), untilAborted(signal)])
  } finally {
    progress.stop()
  }
}

/** Rejects at Ctrl-C; closing the services then ends the replay. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
