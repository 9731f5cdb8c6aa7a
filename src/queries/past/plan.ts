import { type Position, START } from '../../events/event-log.ts'
import type { SegmentTimes, Timeline } from '../../projections/poll-states/poll-states.ts'

export interface Moment {
  /** Everything up to and including this position. */
  readonly upTo: Position
  /** Only what occurred up to and including this time, ISO 8601. */
  readonly asOf?: string | undefined
}

/** One thing to do to the poll's state, in the order of the log. */
type Step =
  /** Fold the events of this part of the log that are not too late. */
  | { readonly replay: { readonly after: Position; readonly upTo: Position } }
  /** Add what a segment does, all of it, without its events. */
  | { readonly add: SegmentTimes }

export interface Plan {
  /** Boundary whose stored state is the start; `START`: nothing; 'known': the state that was known already. */
  readonly base: Position | 'known'
  readonly steps: readonly Step[]
}

/**
 * How a poll's state at a moment comes of the stored ones. A stored state can be the start as long as nothing before
 * it is too late; after that, segments that are wholly too late are passed over, those that are wholly in time are
 * added, and only those that are both are folded event by event.
 * @param known position at which the answer to the same question is known
 */
export function planPast(timeline: Timeline, moment: Moment, known?: Position): Plan {
  const { segments, end } = timeline
  const { upTo } = moment
  const firstOther = segments.findIndex((segment) => partOf(segment, moment) !== 'all')
  const prefix = firstOther === -1 ? segments.length : firstOther
  let from = segments[prefix - 1]?.upTo ?? START
  let base: Plan['base'] = from
  if (known !== undefined && known > from) {
    from = known
    base = 'known'
  }
  const steps: Step[] = []
  /** What of this part has not been dealt with and is asked for. */
  const replay = (first: Position, last: Position) => {
    const after = first < from ? from : first
    const end = last < upTo ? last : upTo
    if (after >= end) return
    const before = steps.at(-1)
    if (before && 'replay' in before && before.replay.upTo === after)
      steps[steps.length - 1] = { replay: { after: before.replay.after, upTo: end } }
    else steps.push({ replay: { after, upTo: end } })
  }
  for (const segment of segments.slice(prefix)) {
    if (segment.upTo <= from || segment.after >= upTo) continue
    const part = partOf(segment, moment)
    if (part === 'none') continue
    if (part === 'all' && segment.hasEffect && segment.after >= from) steps.push({ add: segment })
    else replay(segment.after, segment.upTo)
  }
  // Nobody knows yet what comes after the last boundary.
  replay(end, upTo)
  return { base, steps }
}

/** How much of the segment belongs to the moment. */
function partOf({ upTo, earliest, latest }: SegmentTimes, moment: Moment): 'all' | 'some' | 'none' {
  const { asOf } = moment
  if (asOf !== undefined && earliest > asOf) return 'none'
  if (upTo > moment.upTo) return 'some'
  return asOf === undefined || latest <= asOf ? 'all' : 'some'
}
