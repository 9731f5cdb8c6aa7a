import type { Logger } from 'pino'

/** Tells of each outage once, and of its end; not of every attempt in between. */
export function connectionLog(logger: Logger, away: string, back: string): (error?: Error) => void {
  let lost = false
  return (error) => {
    if (error && !lost) logger.warn({ err: error }, away)
    if (!error) logger.info(back)
    lost = error !== undefined
  }
}
