/** What JetStream refuses for, by the numbers that it gives its errors. */

const NO_SUCH_STREAM = 10_059
/** Room on the disk of enough servers, of one server, of the account. */
const NO_ROOM = [10_005, 10_047, 10_002]

const codeOf = (error: unknown): number =>
  (error as { api_error?: { err_code?: number } }).api_error?.err_code ?? 0

export const isMissing = (error: unknown): boolean => codeOf(error) === NO_SUCH_STREAM

/** Whether so many bytes cannot be reserved. Fewer may be. */
export const hasNoRoom = (error: unknown): boolean => NO_ROOM.includes(codeOf(error))
