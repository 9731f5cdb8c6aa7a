import type { EventLog, Position, RecordedEvent } from '../../events/event-log.ts'
import { Fold } from '../fold.ts'
import { copyPoll, type MutablePollAggregate, type PollAggregate } from '../poll-aggregate.ts'
import { fits, type PollEffect, PollOnCredit } from '../poll-effect.ts'
import { occurredAtOf } from './occurred-at.ts'

/** What a segment of the log did to one poll. */
interface PollInSegment {
  /** The poll at the segment's end. */
  readonly state: PollAggregate
  /** Undefined: it depends on what was before. */
  readonly effect: PollEffect | undefined
  /** The least and the greatest `occurredAt`; `earliest` is empty if an event belongs to every time. */
  readonly earliest: string
  readonly latest: string
}

/** The events after one boundary, up to and including the next. */
export interface Segment {
  readonly after: Position
  readonly upTo: Position
  /** Those polls of which there are events. */
  readonly polls: readonly PollInSegment[]
}

export interface SegmentRange {
  /** Every poll as it stands at `after`. They are changed. */
  readonly base: readonly MutablePollAggregate[]
  readonly after: Position
  readonly upTo: Position
}

/** Folds the events of a range. @returns undefined if there are none */
export async function foldSegment(
  log: Pick<EventLog, 'readAll'>,
  { base, after, upTo }: SegmentRange,
  signal?: AbortSignal,
): Promise<Segment | undefined> {
  const fold = new SegmentFold(base)
  let last: Position | undefined
  for await (const events of log.readAll({ after, upTo, ...(signal && { signal }) })) {
    for (const event of events) fold.apply(event)
    last = events.at(-1)!.position
  }
  return last === undefined ? undefined : { after, upTo: last, polls: fold.polls() }
}

interface Touched {
  /** The poll before the segment; undefined if it was opened in it. */
  readonly before: PollAggregate | undefined
  earliest: string | undefined
  latest: string
}

/** Every event is folded twice: onto what was there before, and on credit. */
class SegmentFold {
  readonly #fold: Fold
  readonly #onCredit = new Fold()
  readonly #touched = new Map<string, Touched>()

  constructor(base: readonly MutablePollAggregate[]) {
    this.#fold = new Fold(new Map(base.map((poll) => [poll.definition.poll, poll])))
  }

  apply(event: RecordedEvent): void {
    const name = (event.data as { poll?: unknown } | null)?.poll
    if (typeof name !== 'string') return
    const touched = this.#touched.get(name) ?? this.#touch(name)
    this.#fold.apply(event)
    if (touched.before) this.#onCredit.apply(event)
    const occurredAt = occurredAtOf(event)
    if (touched.earliest === undefined || occurredAt < touched.earliest) touched.earliest = occurredAt
    if (occurredAt > touched.latest) touched.latest = occurredAt
  }

  polls(): PollInSegment[] {
    return [...this.#touched].flatMap(([name, { before, earliest = '', latest }]) => {
      const state = this.#fold.polls.get(name)
      if (!state) return []
      const effect = before && (this.#onCredit.polls.get(name) as PollOnCredit).effect
      return [{ state, effect: effect && fits(before, effect) ? effect : undefined, earliest, latest }]
    })
  }

  #touch(name: string): Touched {
    const poll = this.#fold.polls.get(name)
    const before = poll && copyPoll(poll)
    if (before) this.#onCredit.polls.set(name, new PollOnCredit(before))
    const touched = { before, earliest: undefined, latest: '' }
    this.#touched.set(name, touched)
    return touched
  }
}
