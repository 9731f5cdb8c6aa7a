import { type EventLog, type Position, type RecordedEvent, START } from '../../events/event-log.ts'
import { type Allocation, submissionStream, type Via } from '../../events/submission-events.ts'
import { type CategoryAggregate, emptyCategory, tally } from '../../projections/category-aggregate.ts'
import { Fold, type Tally } from '../../projections/fold.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { BurstSketch, Bursts, keyOf, type Repeated } from './bursts.ts'
import { IdSet } from './id-set.ts'

/** Which submissions of a poll are meant: those to which everything applies that is set. */
export interface SelectionQuestion {
  readonly poll: string
  /** Everything up to and including this position. */
  readonly upTo: Position
  /** First cast at or after this time, ISO 8601 in UTC with milliseconds. */
  readonly from?: string | undefined
  /** First cast before this time. */
  readonly to?: string | undefined
  readonly via?: Via | undefined
  readonly repeated?: Repeated | undefined
}

/** Some submissions added up. */
export interface SelectedPart {
  readonly count: number
  /** In the order of the poll's categories. */
  readonly categories: readonly CategoryAggregate[]
}

export interface SelectionAnswer {
  /** The poll at `upTo`; undefined: there is none. */
  readonly poll: PollAggregate | undefined
  /** Ids, as `IdSet.packed` gives them, in the order of the log. */
  readonly ids: Uint32Array
  /** Those of them that count. */
  readonly counted: SelectedPart
  /** Those that are set aside. */
  readonly excluded: SelectedPart
  readonly withdrawn: number
}

export interface SelectionOptions {
  readonly signal?: AbortSignal
  /** Told how many events were read in all passes so far, and about how many there will be. */
  readonly onProgress?: (events: number, of?: number) => void
}

/**
 * Finds submissions in the log, where alone everything is known of them, and adds up what they give. It keeps ids and
 * sums, whatever the length of the log.
 */
export async function selectSubmissions(
  log: Pick<EventLog, 'readAll'>,
  question: SelectionQuestion,
  options: SelectionOptions = {},
): Promise<SelectionAnswer> {
  const { repeated } = question
  const passes = new Passes(log, question, options)
  if (!repeated) return await passes.addUp()
  const sketch = new BurstSketch(repeated)
  await passes.eachCast((allocation, time) => sketch.count(allocation, time))
  const bursts = new Bursts(repeated)
  await passes.eachCast((allocation, time, id) => {
    if (sketch.mayBelong(allocation, time)) bursts.add(allocation, time, id)
  })
  return await passes.addUp(bursts.find())
}

/** Counting, finding, adding up. */
const BURST_PASSES = 3

class Passes {
  readonly #log: Pick<EventLog, 'readAll'>
  readonly #question: SelectionQuestion
  readonly #options: SelectionOptions
  #events = 0
  /** Passes over the log that have come to their end. */
  #over = 0

  constructor(log: Pick<EventLog, 'readAll'>, question: SelectionQuestion, options: SelectionOptions) {
    this.#log = log
    this.#question = question
    this.#options = options
  }

  /** Every submission that was taken and meets the conditions of a single one. */
  async eachCast(visit: (allocation: string, time: number, id: string) => void): Promise<void> {
    await this.#each((event, { poll, added }, id) => {
      if (event.type === 'AllocationSubmitted' && this.#isMeant(event))
        visit(keyOf(added!, poll.definition.categories), Date.parse(dataOf(event).occurredAt!), id)
    })
  }

  /** @param chosen those; else those that meet the conditions of a single one */
  async addUp(chosen?: IdSet): Promise<SelectionAnswer> {
    const ids = chosen ?? new IdSet()
    const [counted, excluded] = [new Part(), new Part()]
    let withdrawn = 0
    const poll = await this.#each((event, change, id) => {
      if (!chosen && event.type === 'AllocationSubmitted' && this.#isMeant(event)) ids.add(id)
      if (!ids.has(id)) return
      if (change.taken) counted.tally(change, change.taken, -1)
      if (change.added) counted.tally(change, change.added, 1)
      if (change.excluded !== 0) excluded.tally(change, (change.taken ?? change.added)!, change.excluded)
      withdrawn += change.withdrawn
    })
    return { poll, ids: ids.packed, counted: counted.in(poll), excluded: excluded.in(poll), withdrawn }
  }

  /** Of all passes, from how far this one has come. */
  #expected(position: Position): number {
    const { repeated, upTo } = this.#question
    const done = this.#over + Number(position) / Number(upTo)
    return Math.max(this.#events, Math.round((this.#events * (repeated ? BURST_PASSES : 1)) / done))
  }

  #isMeant(event: Pick<RecordedEvent, 'data'>): boolean {
    const { from, to, via } = this.#question
    const data = dataOf(event)
    if (from !== undefined && data.occurredAt! < from) return false
    if (to !== undefined && data.occurredAt! >= to) return false
    return via === undefined || data.via === via
  }

  /** Every event that changes what counts, with its submission. @returns the poll in the end */
  async #each(
    visit: (event: Pick<RecordedEvent, 'type' | 'data'>, change: Tally, id: string) => void,
  ): Promise<PollAggregate | undefined> {
    const { poll, upTo } = this.#question
    const { signal, onProgress } = this.#options
    const fold = new Fold()
    let changes: Tally[] = []
    fold.listener = { add: (tally) => void changes.push(tally) }
    for await (const batch of this.#log.readAll({ after: START, upTo, ...(signal && { signal }) })) {
      for (const event of batch) {
        if (dataOf(event).poll !== poll) continue
        changes = []
        fold.apply(event)
        const [change, own] = [changes[0], ownEvent(event)]
        if (own && (change?.taken || change?.added))
          visit(own, change, own.stream.slice(submissionStream('').length))
      }
      this.#events += batch.length
      onProgress?.(this.#events, this.#expected(batch.at(-1)!.position))
    }
    this.#over++
    return fold.polls.get(poll)
  }
}

/** The event that an operator had tried again, or the event itself. */
const ownEvent = (event: RecordedEvent): Pick<RecordedEvent, 'type' | 'data' | 'stream'> | undefined =>
  event.type === 'EventRetried' ? dataOf(event).event : event

interface Data {
  readonly poll?: string
  readonly occurredAt?: string
  readonly via?: string
  readonly event?: RecordedEvent
}
const dataOf = ({ data }: Pick<RecordedEvent, 'data'>): Data => (data ?? {}) as Data

class Part {
  #count = 0
  readonly #categories = new Map<string, ReturnType<typeof emptyCategory>>()

  tally({ poll }: Tally, allocation: Allocation, times: number): void {
    this.#count += times
    for (const { id } of poll.definition.categories) {
      const category = this.#categories.get(id) ?? emptyCategory()
      if (category.count === 0) this.#categories.set(id, category)
      tally(category, allocation[id]!, times)
    }
  }

  in(poll: PollAggregate | undefined): SelectedPart {
    const categories = poll?.definition.categories ?? []
    return {
      count: this.#count,
      categories: categories.map(({ id }) => this.#categories.get(id) ?? emptyCategory()),
    }
  }
}
