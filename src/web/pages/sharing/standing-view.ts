import type { Answer } from '../../../queries/results.ts'
import { fewEnough } from '../pictures/drawing.ts'
import { meanShares } from '../pictures/picture-views.ts'
import type { PollPage } from '../poll-page.ts'
import { type QrCode, qrCode } from './qr.ts'

/** The collective budget at a glance, as the widget and the big screen show it. */
export interface StandingView {
  readonly pollTitle: string
  readonly pollOpen: boolean
  readonly counted: number
  /** Rounded so that all of them sum to 100 %; empty while nobody is counted. */
  readonly rows: readonly {
    readonly id: string
    readonly label: string
    readonly colour: string
    readonly text: string
    /** Length of the bar, `25%`. */
    readonly width: string
  }[]
  /** What the whole width of a bar stands for: the largest share, and what it is at least; basis points. */
  readonly scale: { readonly now: number; readonly least: number }
  /** How many categories are left out because there is no room for them. */
  readonly left: number
  readonly position: string
  readonly asOf: string
  /** Where the form is, as people type it and as the code holds it. */
  readonly address: Address
}

/** An address to be typed or scanned. */
export interface Address {
  readonly short: string
  readonly href: string
  readonly qr: QrCode
}

/** Without what nobody has to type. */
export const addressTo = (href: string): Address => ({
  ...{ href, qr: qrCode(href) },
  short: href.replace(/^https?:\/\//, '').replace(/\/$/, ''),
})

/** Small shares look small, however small all of them are; basis points. */
const LEAST_SCALE = 1000

/** @param most so many rows have room */
export function standingView(
  { aggregate }: Answer,
  page: PollPage,
  form: string,
  most: number,
): StandingView {
  const means = aggregate.counted === 0 ? [] : meanShares(aggregate, page)
  const { shown, left } = fewEnough(means, most)
  const now = Math.max(LEAST_SCALE, ...shown.map(({ value = 0 }) => value))
  return {
    pollTitle: page.definition.title,
    pollOpen: aggregate.status === 'open',
    counted: aggregate.counted,
    rows: shown.map(({ id, label, colour, value = 0, text = '' }) => ({
      ...{ id, label, colour, text },
      width: `${((value / now) * 100).toFixed(2)}%`,
    })),
    scale: { now, least: LEAST_SCALE },
    left,
    position: aggregate.position.toString(),
    asOf: aggregate.asOf,
    address: addressTo(form),
  }
}
