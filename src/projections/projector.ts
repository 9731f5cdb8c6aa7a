/**
 * Keeps a read model up to the log. Exactly-once in effect: the checkpoint moves in the transaction that writes the
 * read model, and nothing that the bus does can change what is counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withDeadline } from '../deadline.ts'
import type { Bus } from '../events/bus.ts'
import { type EventLog, type Position, type RecordedEvent, START } from '../events/event-log.ts'
import type { HeldLock } from '../postgres/advisory-lock.ts'
import { type Batch, Feed, type Source } from './feed.ts'
import { FeedProgress } from './feed-progress.ts'
import type { ParkedEvent } from './fold.ts'
import { type ActiveReadModel, type Pace, type ReadModel, VersionReplaced } from './read-model.ts'

export interface ProjectorOptions {
  readonly log: EventLog
  readonly bus: Bus
  readonly model: ReadModel
  /** Waits until this projector is the only active one. */
  readonly hold: (signal: AbortSignal) => Promise<HeldLock>
  /** Told when it becomes the active one, and when it stops being so. */
  readonly onActive?: (active: boolean) => void
  /** Told where it hears of new events, when that changes; at first it is the bus. */
  readonly onSource?: (source: Source) => void
  readonly onParked?: (parked: ParkedEvent) => void
  /** Told after each commit which events are in it, never none. */
  readonly onCommitted?: (events: readonly RecordedEvent[]) => void
  readonly onError?: (error: Error) => void
  /** Pause after a failure, milliseconds; twice as long after each further one, up to twenty times. */
  readonly restartMs?: number
}

/** While catching up, so many events go into one transaction. */
const EVENTS_PER_COMMIT = 10_000
/** More events than that at once: it is busy. */
const BUSY_EVENTS = 50
/** So often the log is asked where it ends: what was there at one time must have come by the next. */
const ASK_LOG_MS = 1000
const RESTART_MS = 250
/** A store that is silent for so long is lost: somebody else may have the lock. */
const STORE_DEADLINE_MS = 30_000

/** The projection has come further than the log: going on would leave out what is appended next. */
class LogWentBack extends Error {
  override readonly name = 'LogWentBack'

  constructor(head: Position, checkpoint: Position) {
    super(
      `the event log ends at position ${head}, before position ${checkpoint} to which the projection has come: it is ` +
        'another log, or was restored from an older backup than the projection',
    )
  }
}

export class Projector {
  readonly #options: ProjectorOptions

  constructor(options: ProjectorOptions) {
    this.#options = options
  }

  /** Runs until `signal` aborts; after any failure it starts anew from what is stored. */
  async run(signal: AbortSignal): Promise<void> {
    const { restartMs = RESTART_MS, onError } = this.#options
    const longest = 20 * restartMs
    let pause = restartMs
    while (!signal.aborted) {
      const started = performance.now()
      await this.#runWhileActive(signal).catch((error: Error) => signal.aborted || onError?.(error))
      pause = performance.now() - started > longest ? restartMs : Math.min(2 * pause, longest)
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }

  async #load(): Promise<ActiveProjection> {
    const { model } = this.#options
    const loading = withDeadline(STORE_DEADLINE_MS, `loading ${model.name}`, model.load())
    return new ActiveProjection(this.#options, await loading)
  }

  async #runWhileActive(signal: AbortSignal): Promise<void> {
    const lock = await this.#options.hold(signal)
    const active = AbortSignal.any([signal, lock.lost])
    try {
      let projection = await this.#load()
      this.#options.onActive?.(true)
      try {
        while (!(await followed(projection, active))) projection = await this.#load()
      } finally {
        this.#options.onActive?.(false)
      }
    } finally {
      await lock.release()
    }
  }
}

/** @returns whether it is over; else another version has become the live one, and what is shown stands until that is */
async function followed(projection: ActiveProjection, signal: AbortSignal): Promise<boolean> {
  try {
    await projection.show()
    await projection.follow(signal)
    return true
  } catch (error) {
    if (error instanceof VersionReplaced) return false
    throw error
  }
}

/** The read model while this projector is the active one. */
class ActiveProjection {
  readonly #options: ProjectorOptions
  readonly #model: ActiveReadModel
  readonly #pace: Pace
  readonly #progress = new FeedProgress(ASK_LOG_MS)
  /** Where the log ended when it was last asked. */
  #head = START

  constructor(options: ProjectorOptions, model: ActiveReadModel) {
    this.#options = options
    this.#model = model
    this.#pace = options.model.pace
  }

  get #checkpoint(): Position {
    return this.#model.checkpoint
  }

  async follow(signal: AbortSignal): Promise<void> {
    const { log, bus, model } = this.#options
    const stop = new AbortController()
    const until = AbortSignal.any([signal, stop.signal])
    const feed = new Feed({ log, bus, name: model.name }, until)
    try {
      await this.#readUpTo(await this.#askHead(), until)
      while (!until.aborted) {
        const [started, before] = [performance.now(), this.#checkpoint]
        const batches = await feed.take(this.#model.hasMore ? 0 : this.#progress.patienceMs)
        if (until.aborted) return
        await this.#applyBatches(batches, until)
        await this.#watch(feed, batches, until)
        await this.#model.makeUp?.(until)
        if (this.#model.hasMore) continue
        const busy = this.#checkpoint - before > BUSY_EVENTS
        const rest = this.#pace[busy ? 'busyMs' : 'usualMs'] - (performance.now() - started)
        if (rest > 0) await sleep(rest, undefined, { signal: until }).catch(() => {})
      }
    } finally {
      stop.abort()
      await this.#model.close?.()
      await feed.closed()
    }
  }

  /** previous = checkpoint: apply; seen before: drop; anything else: read what is missing from the log. */
  async #applyBatches(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    let [at, fresh] = [this.#checkpoint, [] as RecordedEvent[]]
    for (const batch of batches) {
      if (batch.last <= at) continue
      const events = batch.previous === at && (await this.#isInLog(batch)) ? readable(batch) : undefined
      if (events) fresh.push(...events)
      else {
        await this.#commit(fresh)
        await this.#readUpTo(batch.last, signal)
        fresh = []
      }
      at = fresh.at(-1)?.position ?? this.#checkpoint
    }
    await this.#commit(fresh)
    batches.findLast(({ source }) => source === 'bus')?.acknowledge()
  }

  /** A bus that keeps events may hold some that the log has lost since: when it was restored from a backup. */
  async #isInLog({ source, last }: Batch): Promise<boolean> {
    if (source === 'log' || !this.#options.bus.keepsBatches || last <= this.#head) return true
    this.#head = await this.#askHead()
    return last <= this.#head
  }

  /** @throws {LogWentBack} */
  async #askHead(): Promise<Position> {
    const head = await this.#options.log.head()
    if (head < this.#checkpoint) throw new LogWentBack(head, this.#checkpoint)
    return head
  }

  /**
   * A bus that brings nothing proves nothing: it may be away, or its last message lost. As long as it does not keep up
   * with the log, the log is followed itself.
   */
  async #watch(feed: Feed, batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const { onSource } = this.#options
    if (feed.source === 'log' && this.#progress.keepsUp(batches)) {
      feed.leaveLog()
      onSource?.('bus')
    }
    this.#progress.note(this.#checkpoint, batches)
    if (!this.#progress.isDue()) return
    await this.#model.prepare?.()
    const head = await this.#askHead()
    if (!this.#progress.isBehind(this.#checkpoint, head)) return
    await this.#readUpTo(head, signal)
    if (feed.source === 'log') return
    feed.followLog(this.#checkpoint)
    onSource?.('log')
  }

  async #readUpTo(end: Position, signal: AbortSignal): Promise<void> {
    if (end <= this.#checkpoint) return
    let pending: RecordedEvent[] = []
    for await (const events of this.#options.log.readAll({ after: this.#checkpoint, upTo: end, signal })) {
      pending.push(...events)
      if (pending.length < EVENTS_PER_COMMIT) continue
      await this.#commit(pending)
      pending = []
    }
    await this.#commit(pending)
  }

  /** Has the read model take the events, then show what they changed. */
  async #commit(events: readonly RecordedEvent[]): Promise<void> {
    if (events.length === 0) return
    const { model, onParked, onCommitted } = this.#options
    const saved = this.#model.commit(events)
    const parked = await withDeadline(STORE_DEADLINE_MS, `saving ${model.name}`, saved)
    for (const each of parked) onParked?.(each)
    onCommitted?.(events)
    await this.show()
  }

  async show(): Promise<void> {
    await this.#model.show()
  }
}

/** Its events, unless it is damaged: then they are as good as lost. */
function readable(batch: Batch): readonly RecordedEvent[] | undefined {
  try {
    return batch.events()
  } catch {
    return undefined
  }
}
