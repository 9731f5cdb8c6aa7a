import type { Position } from '../../events/event-log.ts'
import type { ParkedEventState } from '../../projections/parked-events.ts'
import { Misuse } from '../exit-codes.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** For people. */
export const parkedTable = (parked: readonly ParkedEventState[], style: Terminal['style']): string =>
  table(
    [
      { title: 'position', align: 'right' },
      { title: 'poll' },
      { title: 'event' },
      { title: 'since' },
      { title: 'error' },
    ],
    parked.map(({ position, poll, type, parkedAt, error }) => [
      String(position),
      poll ?? '–',
      type,
      parkedAt.toISOString(),
      error,
    ]),
    (text) => style('bold', text),
  )

/** For programs. */
export const parkedView = ({ position, poll, ...parked }: ParkedEventState) => ({
  position: String(position),
  poll: poll ?? null,
  ...parked,
})

/** @throws {Misuse} it is no position */
export function readPosition(text: string): Position {
  if (!/^[1-9]\d{0,18}$/.test(text)) throw new Misuse(`POSITION must be a number, not "${text}".`)
  return BigInt(text)
}
