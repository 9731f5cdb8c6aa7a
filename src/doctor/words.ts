import type { CheckResult } from './check.ts'

type Told = Pick<CheckResult, 'name' | 'expected' | 'actual'>

export const fine = (told: Told): CheckResult => ({ ...told, status: 'fine' })
export const warning = (told: Told, advice: string): CheckResult => ({ ...told, status: 'warning', advice })
export const failed = (told: Told, advice: string): CheckResult => ({ ...told, status: 'failed', advice })

interface Limits {
  readonly warnAt: number
  readonly failAt: number
}

/** The more, the worse. */
export function judged(told: Told, value: number, { warnAt, failAt }: Limits, advice: string): CheckResult {
  if (value >= failAt) return failed(told, advice)
  return value >= warnAt ? warning(told, advice) : fine(told)
}

/** `12,345` */
export const number = (value: number): string => value.toLocaleString('en')

/** `1 event`, `2 events` */
export const count = (value: number, noun: string): string =>
  `${number(value)} ${noun}${value === 1 ? '' : 's'}`

/** `1.2 GB` */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(Math.abs(value), 1)) / 3), units.length - 1)
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

export const percent = (fraction: number): string => `${(fraction * 100).toFixed(fraction < 0.1 ? 1 : 0)} %`

export const milliseconds = (value: number): string =>
  value < 1000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1000).toFixed(1)} s`

const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `3 days`, `25 seconds` */
export function duration(seconds: number): string {
  for (const [unit, length] of spans)
    if (seconds >= 2 * length) return count(Math.floor(seconds / length), unit)
  return count(Math.floor(seconds), 'second')
}
