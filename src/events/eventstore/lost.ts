import { EventLogUnavailable, WrongExpectedRevision } from '../event-log.ts'

/** Refusals that would come again: everything else of the server or the network may go well the next time. */
const FINAL = new Set([
  'wrong-expected-version',
  'stream-not-found',
  'access-denied',
  'invalid-argument',
  'invalid-transaction',
  'stream-deleted',
  'maximum-append-size-exceeded',
  'missing-required-metadata-property',
])

/**
 * What kind of error the client has thrown, by the name it gives it: `unavailable`, `not-leader`, ….
 * Undefined for others, such as failed discovery or a channel that was closed under a call.
 */
export const typeOf = (error: unknown): string | undefined => (error as { type?: string } | undefined)?.type

/** Whether the outcome of a call that failed so is unknown, and the same call may go well later. */
export const isLost = (error: unknown): boolean => !isMistake(error) && !FINAL.has(typeOf(error) ?? '')

/** What the port says instead of an error of the client's. */
export function unavailable(error: unknown): unknown {
  if (error instanceof EventLogUnavailable || !(isLost(error) || typeOf(error) === 'access-denied'))
    return error
  return new EventLogUnavailable(`the event log did not answer: ${(error as Error).message}`, {
    cause: error,
  })
}

const isMistake = (error: unknown): boolean =>
  error instanceof WrongExpectedRevision ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError
