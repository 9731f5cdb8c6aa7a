import { Misuse } from './exit-codes.ts'

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
/** A timer cannot be set further ahead. */
const LONGEST_MS = 2 ** 31 - 1
const LONGEST_H = Math.floor(LONGEST_MS / 3_600_000)

/** `5m` as milliseconds. @throws {Misuse} naming the option */
export function readDuration(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(count) * (UNITS_MS[unit] ?? Number.NaN)
  if (ms > 0 && ms <= LONGEST_MS) return ms
  if (ms > LONGEST_MS) throw new Misuse(`--${option} may be ${LONGEST_H}h at most, not "${text}".`)
  throw new Misuse(`--${option} must look like 30s, 5m or 1h, not "${text}".`)
}
