/**
 * Keeps the CategoryAggregate projection and its snapshots up to the log. Exactly-once in effect: the checkpoint moves
 * in the transaction that writes the read model, and nothing that the bus does can change what is counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withDeadline } from '../deadline.ts'
import type { Bus } from '../events/bus.ts'
import { type EventLog, type Position, type RecordedEvent, START } from '../events/event-log.ts'
import type { HeldLock } from '../postgres/advisory-lock.ts'
import { type Batch, Feed, type Source } from './feed.ts'
import { FeedProgress } from './feed-progress.ts'
import type { Fold, ParkedEvent } from './fold.ts'
import { copyPoll } from './poll-aggregate.ts'
import type { ProjectionStore } from './projection-store.ts'
import type { SnapshotStore } from './snapshot-store.ts'

export interface ProjectorOptions {
  readonly log: EventLog
  readonly bus: Bus
  readonly store: Pick<ProjectionStore, 'load' | 'save'>
  readonly snapshots: SnapshotStore
  /** Waits until this projector is the only active one. */
  readonly hold: (signal: AbortSignal) => Promise<HeldLock>
  /** Told when it becomes the active one, and when it stops being so. */
  readonly onActive?: (active: boolean) => void
  /** Told where it hears of new events, when that changes; at first it is the bus. */
  readonly onSource?: (source: Source) => void
  readonly onParked?: (parked: ParkedEvent) => void
  /** Told after each commit which events are in it, never none. */
  readonly onCommitted?: (events: readonly RecordedEvent[]) => void
  /** Told after each attempt to write a snapshot, and why if it failed: that stops nothing. */
  readonly onShown?: (error?: Error) => void
  readonly onError?: (error: Error) => void
  /** Pause after a failure, milliseconds; twice as long after each further one, up to twenty times. */
  readonly restartMs?: number
}

/** While catching up, so many events go into one transaction. */
const EVENTS_PER_COMMIT = 10_000
/** While following, commits start at least so far apart: what arrives meanwhile goes together … */
const COMMIT_INTERVAL_MS = 20
/** … and so far where thousands arrive in a second, since writing them down takes from those who submit. */
const BUSY_COMMIT_INTERVAL_MS = 100
const BUSY_EVENTS = 50
/** So often the log is asked where it ends: what was there at one time must have come by the next. */
const ASK_LOG_MS = 1000
/** Under this name the bus keeps how far it has been listened to. */
const NAME = 'category-aggregate'
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

  async #runWhileActive(signal: AbortSignal): Promise<void> {
    const lock = await this.#options.hold(signal)
    const active = AbortSignal.any([signal, lock.lost])
    try {
      const { version, checkpoint, fold } = await withDeadline(
        STORE_DEADLINE_MS,
        'loading the projection',
        this.#options.store.load(),
      )
      const projection = new ActiveProjection(this.#options, version, checkpoint, fold)
      this.#options.onActive?.(true)
      try {
        await projection.publish([...fold.polls.keys()])
        await projection.follow(active)
      } finally {
        this.#options.onActive?.(false)
      }
    } finally {
      await lock.release()
    }
  }
}

/** The live projection in the hands of its one active projector. */
class ActiveProjection {
  readonly #options: ProjectorOptions
  readonly #version: number
  readonly #fold: Fold
  readonly #progress = new FeedProgress(ASK_LOG_MS)
  #checkpoint: Position
  /** Where the log ended when it was last asked. */
  #head = START

  constructor(options: ProjectorOptions, version: number, checkpoint: Position, fold: Fold) {
    this.#options = options
    this.#version = version
    this.#checkpoint = checkpoint
    this.#fold = fold
  }

  async follow(signal: AbortSignal): Promise<void> {
    const { log, bus } = this.#options
    const stop = new AbortController()
    const until = AbortSignal.any([signal, stop.signal])
    const feed = new Feed({ log, bus, name: NAME }, until)
    try {
      await this.#readUpTo(await this.#askHead(), until)
      while (!until.aborted) {
        const [started, before] = [performance.now(), this.#checkpoint]
        const batches = await feed.take(this.#progress.patienceMs)
        if (until.aborted) return
        await this.#applyBatches(batches, until)
        await this.#watch(feed, batches, until)
        const busy = this.#checkpoint - before > BUSY_EVENTS
        const interval = busy ? BUSY_COMMIT_INTERVAL_MS : COMMIT_INTERVAL_MS
        const rest = interval - (performance.now() - started)
        if (rest > 0) await sleep(rest)
      }
    } finally {
      stop.abort()
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

  /** A bus may hold events that the log has lost since: when it was restored from a backup. */
  async #isInLog({ source, last }: Batch): Promise<boolean> {
    if (source === 'log' || last <= this.#head) return true
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

  /** Folds the events, stores what changed with the checkpoint, then shows it. */
  async #commit(events: readonly RecordedEvent[]): Promise<void> {
    const last = events.at(-1)
    if (!last) return
    const parked = events.flatMap((event) => this.#fold.apply(event) ?? [])
    const touched = [...this.#fold.polls.values()].filter((poll) => poll.position > this.#checkpoint)
    const { unknown } = this.#fold
    const [from, to] = [this.#checkpoint, last.position]
    const change = { version: this.#version, from, to, polls: touched, parked, unknown }
    await withDeadline(STORE_DEADLINE_MS, 'saving the projection', this.#options.store.save(change))
    this.#checkpoint = to
    for (const each of parked) this.#options.onParked?.(each)
    this.#options.onCommitted?.(events)
    await this.publish(touched.map((poll) => poll.definition.poll))
  }

  /** Writes snapshots. Without one, answers come from the projection: that it fails stops nothing. */
  async publish(polls: readonly string[]): Promise<void> {
    for (const poll of polls)
      await this.#options.snapshots.put(copyPoll(this.#fold.polls.get(poll)!)).then(
        () => this.#options.onShown?.(),
        (error: Error) => this.#options.onShown?.(error),
      )
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
