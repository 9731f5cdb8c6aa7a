import type { ParkedEventState } from '../../../projections/parked-events.ts'
import { position } from '../words.ts'

interface ParkedEventView extends ParkedEventState {
  readonly place: string
  readonly seen: string
  readonly skip: string
}

export interface ParkedView {
  readonly events: readonly ParkedEventView[]
  /** How many there are; a page shows the oldest. */
  readonly count: number
  /** What the page shows, for the act on all of them. */
  readonly seen: string
}

export interface SkipView {
  readonly event: ParkedEventView
  readonly action: string
}

const SHOWN = 200

export const parkedView = (events: readonly ParkedEventState[]): ParkedView => ({
  events: events.slice(0, SHOWN).map(parkedEventView),
  count: events.length,
  seen: seenAll(events),
})

export const parkedEventView = (event: ParkedEventState): ParkedEventView => ({
  ...event,
  place: position(event.position),
  seen: seenOne(event),
  skip: `/operator/parked/${event.position}/skip`,
})

/** A retry parks an event anew: an older page is out of date then. */
export const seenOne = ({ position, parkedAt }: ParkedEventState): string =>
  `event ${position}, parked at ${parkedAt.toISOString()}`

export const seenAll = (events: readonly ParkedEventState[]): string => {
  const last = events.at(-1)
  return last ? `${events.length} parked, the last is ${seenOne(last)}` : 'none is parked'
}
