import type { Logger } from 'pino'
import { StartsWithout } from './first-contact.ts'

/** What fails now and then (a full Redis takes one snapshot and not the next) is one outage. */
const CALM_MS = 5000

interface OutageLogOptions {
  /** It is over when for so long nothing has failed, milliseconds. */
  readonly calmMs?: number
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/** Tells of each outage once, and of its end (called without an error); not of every attempt in between. */
export function outageLog(
  logger: Logger,
  away: string,
  back: string,
  { calmMs = CALM_MS, now = () => performance.now() }: OutageLogOptions = {},
): (error?: Error) => void {
  let lost = false
  let failedAt = 0
  return (error) => {
    if (error) {
      // What is told in a sentence needs no stack.
      if (!lost && error instanceof StartsWithout) logger.warn(error.message)
      else if (!lost) logger.warn({ err: error }, away)
      lost = true
      failedAt = now()
    } else if (lost && now() - failedAt >= calmMs) {
      lost = false
      logger.info(back)
    }
  }
}

/** Tells of the first success too, as of something that was waited for. */
export function connectionLog(logger: Logger, away: string, back: string): (error?: Error) => void {
  const tell = outageLog(logger, away, back, { calmMs: 0 })
  let isFirst = true
  return (error) => {
    if (isFirst && !error) logger.info(back)
    isFirst = false
    tell(error)
  }
}
