/** What a range of the log makes of the submissions that begin in it. Pure: nothing is known of any other. */
import { type DomainEvent, UnknownEvent } from '../../events/domain-events.ts'
import type { Position, RecordedEvent } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import { decodeForFold } from '../decode-for-fold.ts'
import { applyAll, type Decoded, type storiesOf } from './apply-events.ts'
import { SubmissionHistory } from './submission-history.ts'
import { submissionOf } from './temporal-row.ts'

type Stories = Awaited<ReturnType<typeof storiesOf>>

export class RowsInRange {
  /** Events that an operator has had tried again. If there are any, fold the range anew with these and their stories. */
  readonly acts: Decoded[] = []
  readonly #history: SubmissionHistory
  readonly #changes: RecordedEvent[] = []
  readonly #openedBy: RecordedEvent[] = []
  /** Streams of which an event is tried again: what becomes of these is seen when all of it is known. */
  readonly #apart: ReadonlySet<string>
  /** By the position of the act. */
  readonly #stories: ReadonlyMap<Position, readonly Decoded[]>
  #unknown = 0

  /** @param polls those that are open at its start */
  constructor(
    polls: ReadonlyMap<string, PollDefinition>,
    acts: readonly Decoded[] = [],
    stories: Stories = new Map(),
  ) {
    this.#history = new SubmissionHistory(new Map(polls))
    this.#apart = new Set(acts.flatMap(({ data }) => triedIn(data)?.stream ?? []))
    this.#stories = new Map([...stories].map(([{ position }, story]) => [position, story]))
  }

  /** Applies the events that come next in the range. */
  apply(events: readonly RecordedEvent[]): void {
    for (const event of events)
      try {
        this.#apply(event, decodeForFold(event))
      } catch (error) {
        // What does not fit, or cannot be decoded, the live version has told of.
        if (error instanceof UnknownEvent) this.#unknown++
      }
  }

  get outcome() {
    const { added, opened } = this.#history
    return {
      /** Rows of the submissions that begin here. */
      added,
      /** Polls that are opened here, and the events that opened them. */
      opened,
      openedBy: this.#openedBy,
      /** What changes rows of other submissions, in order. */
      changes: this.#changes,
      /** Events that are passed over because their name or version is not known. */
      unknown: this.#unknown,
    }
  }

  #apply(event: RecordedEvent, data: DomainEvent): void {
    if (data.type === 'EventRetried' || data.type === 'PollOpened') {
      this.#open({ event, data })
      return
    }
    const begins = event.revision === 0 && !this.#apart.has(event.stream)
    const submission = begins ? undefined : submissionOf(event)
    if (begins || (submission && this.#history.has(submission))) this.#history.apply(data, event)
    else if (submission) this.#changes.push(event)
  }

  #open(each: Decoded): void {
    const tried = triedIn(each.data)
    if (each.data.type === 'EventRetried') this.acts.push(each)
    if (tried && submissionOf(tried)) {
      this.#changes.push(each.event)
      return
    }
    const before = this.#history.opened.length
    const story = this.#stories.get(each.event.position)
    applyAll(this.#history, [each], new Map(story && [[each.event, story]]))
    if (this.#history.opened.length > before) this.#openedBy.push(each.event)
  }
}

const triedIn = (data: DomainEvent) => (data.type === 'EventRetried' ? data.data.event : undefined)
