/** How a range that has been folded is written down as a line of a file and read again. */
import { z } from 'zod'
import { readEffect, writeEffect } from '../../projections/stored-effect.ts'
import type { RangeAnswer } from './range-fold.ts'

const position = z.string().regex(/^\d+$/).transform(BigInt)
const numbers = z.array(z.int())
const Periods = z.array(
  z.strictObject({
    start: z.int(),
    position,
    counted: z.int(),
    excluded: z.int(),
    withdrawn: z.int(),
    sums: numbers,
    sumSquares: numbers,
  }),
)

const StoredRange = z.strictObject({
  after: position,
  upTo: position,
  events: z.int().min(0),
  effect: z.unknown(),
  parked: z.array(z.strictObject({ position, type: z.string(), error: z.string() })),
  periods: z.strictObject({ cast: Periods, change: Periods }),
})

/** A range that was folded on credit, as one line of JSON. */
export const rangeToLine = ({ poll: _, effect, ...range }: RangeAnswer): string =>
  JSON.stringify({ ...range, effect: effect && JSON.parse(writeEffect(effect)) }, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )

/** What `rangeToLine` wrote. @throws when it is anything else */
export function rangeFromLine(line: string): RangeAnswer {
  const { effect, ...range } = StoredRange.parse(JSON.parse(line))
  return { ...range, effect: readEffect(effect), poll: undefined }
}
