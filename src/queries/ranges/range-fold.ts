import type { EventLog, Position } from '../../events/event-log.ts'
import type { EventBatch } from '../../events/submitted-run.ts'
import { Fold, type ParkedEvent } from '../../projections/fold.ts'
import { type Asked, applyBatch } from '../../projections/fold-run.ts'
import type { PeriodAggregate, PeriodKind, PeriodSums } from '../../projections/period-aggregate.ts'
import { PeriodChanges } from '../../projections/periods/period-changes.ts'
import type { MutablePollAggregate, PollAggregate } from '../../projections/poll-aggregate.ts'
import { type PollEffect, PollOnCredit } from '../../projections/poll-effect.ts'

/** A part of the log to be folded for one poll, which is open at its start. */
export interface RangeQuestion {
  readonly poll: Pick<PollAggregate, 'definition' | 'openedAt'>
  readonly after: Position
  readonly upTo: Position
  /** The range ends after so many events. */
  readonly maxEvents?: number | undefined
  /** Only what occurred up to and including this time, ISO 8601. */
  readonly asOf?: string | undefined
  /** Whether to add up every quarter of an hour. */
  readonly periods: boolean
  /** The poll as it stands at `after`; without it the range is folded on credit. It belongs to the fold. */
  readonly base?: MutablePollAggregate
}

/** An event of the poll that is not counted, and why. */
export interface ParkedInRange {
  readonly position: Position
  readonly type: string
  readonly error: string
}

export interface RangeAnswer {
  readonly after: Position
  /** Where the range has come to. */
  readonly upTo: Position
  /** Events read, of all polls. */
  readonly events: number
  /** What the range does to the poll; exact if there was a base. */
  readonly effect: PollEffect | undefined
  /** With a base: the poll as it stands at the end. */
  readonly poll: PollAggregate | undefined
  readonly parked: readonly ParkedInRange[]
  /** Of each kind, those that an event has changed. */
  readonly periods: Readonly<Record<PeriodKind, readonly PeriodSums[]>>
}

export interface RangeOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (events: number) => void
}

/** Folds one range of the log. */
export async function foldRange(
  log: Pick<EventLog, 'readAll'>,
  question: RangeQuestion,
  { signal, onProgress }: RangeOptions = {},
): Promise<RangeAnswer> {
  const { after, upTo, maxEvents = Number.POSITIVE_INFINITY } = question
  const range = new RangeFold(question)
  let [events, last] = [0, upTo]
  for await (const batch of log.readAll({ after, upTo, ...(signal && { signal }), forFold: true })) {
    range.apply(batch)
    events += batch.length
    onProgress?.(events)
    if (events < maxEvents) continue
    last = batch.at(-1)!.position
    break
  }
  return { after, upTo: last, events, ...range.answer }
}

class RangeFold {
  readonly #name: string
  readonly #asked: Asked
  readonly #base: MutablePollAggregate | undefined
  readonly #onCredit: PollOnCredit
  readonly #fold: Fold
  readonly #changes = new PeriodChanges()
  readonly #parked: ParkedInRange[] = []

  constructor({ poll, asOf, periods, base }: RangeQuestion) {
    this.#name = poll.definition.poll
    this.#asked = { poll: this.#name, ...(asOf !== undefined && { asOf }) }
    this.#base = base
    this.#onCredit = new PollOnCredit(poll)
    this.#fold = new Fold(new Map([[this.#name, base ?? this.#onCredit]]))
    if (periods) this.#fold.listener = this.#changes
  }

  apply(batch: EventBatch): void {
    this.#parked.push(...applyBatch(this.#fold, batch, this.#asked).map(parkedIn))
  }

  get answer(): Omit<RangeAnswer, 'after' | 'upTo' | 'events'> {
    const deltas = [...(this.#changes.take().get(this.#name)?.values() ?? [])]
    const of = (kind: PeriodKind) =>
      deltas.flatMap((delta) =>
        [delta.both, delta[kind]].flatMap((part) => (part ? [sumsOf(delta.start, part)] : [])),
      )
    return {
      effect: this.#base ? undefined : this.#onCredit.effect,
      poll: this.#base,
      parked: this.#parked,
      periods: { cast: of('cast'), change: of('change') },
    }
  }
}

const parkedIn = ({ event, error }: ParkedEvent): ParkedInRange => ({
  position: event.position,
  type: event.type,
  error,
})

const sumsOf = (start: number, { categories, ...part }: Omit<PeriodAggregate, 'start'>): PeriodSums => ({
  start,
  ...part,
  sums: categories.map(({ sum }) => sum),
  sumSquares: categories.map(({ sumSquares }) => sumSquares),
})
