/** Fills a version from the log: ranges are folded side by side and stored in the order of the log. */
import type { Position } from '../../events/event-log.ts'
import type { BuildThread, Range, Reached, VersionOf } from './build-jobs.ts'

export interface FillOptions {
  /** Each folds one range at a time. */
  readonly threads: readonly Pick<BuildThread, 'ask'>[]
  readonly version: VersionOf
  /** What is stored already. */
  readonly from: Position
  readonly upTo: Position
  /** 1: every position is an event's, and any may begin a range. Else one begins where the one before it ended. */
  readonly positionsPerEvent: bigint
  readonly rangeEvents: number
  /** Told of each range when it is stored. @param again it had to be folded again */
  readonly onStored: (reached: Reached, again: boolean) => Promise<void>
  readonly signal: AbortSignal
}

/** A range takes a fraction of this: who waits longer has stopped. */
const RANGE_DEADLINE_MS = 600_000

/**
 * Each range is one transaction, which moves the version's checkpoint from its start to its end: what is stored is a
 * beginning of the log, whatever ends this.
 * @throws whatever fails first, or the signal's reason; ranges that wait to be stored are given up with their threads
 */
export async function fill(options: FillOptions): Promise<void> {
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  const run = new Run({ ...options, signal })
  const working = options.threads.map((thread) =>
    run.work(thread).catch((error: unknown) => {
      failing.abort(error)
      throw error
    }),
  )
  // All of them, so that none is still at work when the threads are used for something else.
  const outcomes = await Promise.allSettled(working)
  options.signal.throwIfAborted()
  if (outcomes.some(({ status }) => status === 'rejected')) throw failing.signal.reason
}

class Run {
  readonly #options: FillOptions
  /** Where the next range begins. */
  #next: Promise<Position>
  /** Everything before the next range is stored. */
  #stored: Promise<void> = Promise.resolve()

  constructor(options: FillOptions) {
    this.#options = options
    this.#next = Promise.resolve(options.from)
  }

  /** Folds and stores range after range until there is none left. */
  async work(thread: FillOptions['threads'][number]): Promise<void> {
    const { version, signal, onStored } = this.#options
    const options = { deadlineMs: RANGE_DEADLINE_MS, signal }
    for (;;) {
      signal.throwIfAborted()
      const taken = this.#take()
      const range = await taken.range
      if (!range) return
      const prepared = await thread.ask('prepare', { ...version, ...range }, options)
      taken.endsAt(prepared.position)
      await unlessAborted(taken.turn, signal)
      const again = await thread.ask('commit', undefined, options)
      await onStored(prepared, again)
      taken.done()
    }
  }

  #take() {
    const { upTo: end, positionsPerEvent, rangeEvents } = this.#options
    const [turn, begins] = [this.#stored, this.#next]
    const stored = Promise.withResolvers<void>()
    const ends = Promise.withResolvers<Position>()
    this.#stored = stored.promise
    const range = begins.then((after): Range | undefined => {
      if (after >= end) {
        ends.resolve(after)
        return undefined
      }
      if (positionsPerEvent !== 1n) return { after, upTo: end, maxEvents: rangeEvents }
      const full = after + BigInt(rangeEvents)
      const upTo = full < end ? full : end
      ends.resolve(upTo)
      return { after, upTo }
    })
    this.#next = ends.promise
    return { turn, range, endsAt: ends.resolve, done: stored.resolve }
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
