import type { Position } from '../events/event-log.ts'
import type { Batch } from './feed.ts'

/** So long a message may be on its way before it counts as lost, if nothing else comes. */
const ON_ITS_WAY_MS = 100

interface Mark {
  readonly at: number
  readonly checkpoint: Position
}

/** Tells from a projector's progress whether what feeds it keeps up with the log. */
export class FeedProgress {
  readonly #intervalMs: number
  readonly #now: () => number
  #askedAt: number
  /** Where the log ended at the last question, as far as it was further than the checkpoint. */
  #expected: Position | undefined
  #isQuiet = true
  /** The checkpoint at two moments, the first of them between a quarter and half an interval ago. */
  #marks: readonly Mark[] = []

  /**
   * @param intervalMs how often the log is asked where it ends
   * @param now milliseconds of a clock that never goes back
   */
  constructor(intervalMs: number, now: () => number = () => performance.now()) {
    this.#intervalMs = intervalMs
    this.#now = now
    this.#askedAt = now()
  }

  /** How long to wait for news before the log is asked, milliseconds. */
  get patienceMs(): number {
    return this.#expected !== undefined && this.#isQuiet ? ON_ITS_WAY_MS : this.#intervalMs
  }

  /** Told of what came, and how far that led. */
  note(checkpoint: Position, batches: readonly Batch[]): void {
    if (batches.length > 0) this.#isQuiet = false
    if (this.#expected !== undefined && checkpoint >= this.#expected) this.#expected = undefined
    const mark = { at: this.#now(), checkpoint }
    const [first, second] = this.#marks
    if (!first || !second) this.#marks = first ? [first, mark] : [mark]
    else if (mark.at - second.at >= this.#intervalMs / 4) this.#marks = [second, mark]
  }

  /** Is it time to ask the log where it ends? */
  isDue(): boolean {
    return this.#now() - this.#askedAt >= this.patienceMs
  }

  /** Is something missing that was in the log at the last question? It will not come by itself. */
  isBehind(checkpoint: Position, head: Position): boolean {
    const isMissing = this.#expected !== undefined && checkpoint < this.#expected
    this.#expected = isMissing || head <= checkpoint ? undefined : head
    this.#isQuiet = true
    this.#askedAt = this.#now()
    return isMissing
  }

  /** Does the bus bring what is younger than half an interval? */
  keepsUp(batches: readonly Batch[]): boolean {
    const [mark] = this.#marks
    const last = batches.findLast(({ source }) => source === 'bus')?.last
    return mark !== undefined && last !== undefined && last > mark.checkpoint
  }
}
