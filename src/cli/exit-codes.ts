/** 0 fine, 1 failed or unhealthy, 2 wrong use. */
export const FINE = 0
export const FAILED = 1
export const MISUSED = 2
export type ExitCode = typeof FINE | typeof FAILED | typeof MISUSED

/** The command was called in a wrong way: told with its usage. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
