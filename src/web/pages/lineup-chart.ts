/** Geometry of what people ask for and the fixed marks in one line. The drawing itself is in `views/partials/lineup.ejs`. */
import { WHOLE } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'
import type { outcomeOf } from './example.ts'

interface Place {
  readonly x: number
  readonly text: string
}

export interface LineupChart {
  readonly people: readonly (Place & { readonly name: string })[]
  readonly fixed: readonly Place[]
  readonly middle: Place & { readonly share: number }
}

const [LEFT, RIGHT] = [24, 316]

/** Places on a line from 0 to 100 %. */
export function lineupChart(
  { asked, fixed, truthful }: ReturnType<typeof outcomeOf>,
  { words, format }: Pick<Locale, 'words' | 'format'>,
): LineupChart {
  const place = (share: number): Place => ({
    x: Math.round(LEFT + ((RIGHT - LEFT) * share) / WHOLE),
    text: share % 100 === 0 ? format.percent(share) : format.percent1(share),
  })
  return {
    people: asked.map((share, index) => ({ ...place(share), name: words.truthful.people[index]! })),
    fixed: fixed.map(place),
    middle: { ...place(truthful), share: truthful },
  }
}
