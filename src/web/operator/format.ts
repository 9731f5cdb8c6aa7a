import { formatFor } from '../words/format.ts'

const format = formatFor('en')

/** How numbers and times are written in the console, which speaks English. */
export const { dateTime, percent, percent1, points } = format

const number = new Intl.NumberFormat('en')

/** 12345 → `12,345`; a rate keeps its decimals. */
export const count = (value: number): string => number.format(value)

/** `1 submission`, `12,345 submissions`. */
export const plural = (value: number, one: string, other = `${one}s`): string =>
  `${count(value)}\u00a0${value === 1 ? one : other}`
