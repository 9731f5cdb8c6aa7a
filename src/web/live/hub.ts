import type { SnapshotStore } from '../../projections/snapshot-store.ts'
import type { Answer, ResultsQuery } from '../../queries/results.ts'
import { RecentAnswers } from '../api/recent-answers.ts'
import type { Reader } from './reader.ts'
import { Watch, type WatchOptions } from './watch.ts'

export interface LiveHubOptions extends WatchOptions {
  readonly snapshots: Pick<SnapshotStore, 'onChange'>
  readonly results: ResultsQuery
}

/**
 * Not every process hears of new snapshots: one without a projector and without NATS, say, does not. So the results of
 * polls that somebody watches are asked for, too. Mostly the answer is in this process's memory.
 */
const LOOK_EVERY_MS = 100
/** So many polls are looked at in one go, in turns: it must cost next to nothing however many are watched. */
const LOOKS = 20
/** After a failure nobody is asked again for so long. */
const REST_MS = 2000

/** Everybody in this process who watches any poll: one subscription to the snapshots feeds them all. */
export class LiveHub {
  readonly #options: LiveHubOptions
  readonly #recent: RecentAnswers
  readonly #watches = new Map<string, Watch>()
  /** Until when a poll is not to be asked for: a question is under way, or has failed. */
  readonly #resting = new Map<string, number>()
  readonly #stopHearing: () => void
  #looking: NodeJS.Timeout | undefined

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.#recent = new RecentAnswers(options.results)
    this.#stopHearing = options.snapshots.onChange((aggregate) =>
      this.#watches.get(aggregate.definition.poll)?.note(aggregate),
    )
  }

  /**
   * The present results, asked for once however many come at once.
   * @param atLeast a rank (`rankOf`) that the asker has seen already
   * @throws as `ResultsQuery.results` does
   */
  present(poll: string, atLeast: bigint): Promise<Answer> {
    return this.#recent.get(poll, performance.now(), atLeast)
  }

  /** From now on the reader is sent every new state, beginning with this one. */
  add({ aggregate }: Answer, reader: Reader): void {
    const { poll } = aggregate.definition
    const watch = this.#watches.get(poll) ?? new Watch(aggregate, this.#options)
    this.#watches.set(poll, watch)
    watch.note(aggregate)
    watch.add(reader)
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  remove(poll: string, reader: Reader): void {
    const watch = this.#watches.get(poll)
    watch?.remove(reader)
    if (watch?.size !== 0) return
    this.#watches.delete(poll)
    this.#resting.delete(poll)
    if (this.#watches.size === 0) this.#stopLooking()
  }

  /** See `Watch.remind`. */
  remind(poll: string, reader: Reader, afterMs: number): void {
    this.#watches.get(poll)?.remind(reader, afterMs)
  }

  close(): void {
    this.#stopHearing()
    this.#stopLooking()
  }

  #stopLooking(): void {
    clearInterval(this.#looking)
    this.#looking = undefined
  }

  #look(): void {
    for (const watch of this.#watches.values()) watch.catchUp()
    const now = performance.now()
    const due = this.#watches.entries().filter(([poll]) => (this.#resting.get(poll) ?? 0) <= now)
    for (const [poll, watch] of [...due.take(LOOKS)]) {
      // To the end of the line.
      this.#watches.delete(poll)
      this.#watches.set(poll, watch)
      void this.#ask(poll, watch)
    }
  }

  async #ask(poll: string, watch: Watch): Promise<void> {
    this.#resting.set(poll, Number.POSITIVE_INFINITY)
    let rest = 0
    try {
      const { aggregate } = await this.#options.results.results(poll)
      watch.note(aggregate)
    } catch {
      // Those who ask for the results are told, and the log is: who watches sees that nothing comes.
      rest = REST_MS
    }
    if (this.#watches.get(poll) === watch) this.#resting.set(poll, performance.now() + rest)
  }
}
