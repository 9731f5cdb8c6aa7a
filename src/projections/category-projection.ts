import { withDeadline } from '../deadline.ts'
import type { EventLog, Position, RecordedEvent } from '../events/event-log.ts'
import { type LogMarks, type Mark, type Marked, markOf } from '../events/log-marks.ts'
import type { ParkedEvent } from './fold.ts'
import { outcomeOf } from './fold-outcome.ts'
import type { PeriodsChange } from './periods/active-periods.ts'
import { PeriodBackfill } from './periods/period-backfill.ts'
import { copyPoll, type PollAggregate } from './poll-aggregate.ts'
import { CATEGORY_AGGREGATE, type LoadedProjection, type ProjectionStore } from './projection-store.ts'
import { type ActiveReadModel, type ReadModel, VersionReplaced } from './read-model.ts'
import { actsIn } from './retried-event.ts'
import type { SnapshotStore } from './snapshot-store.ts'

export interface CategoryProjectionOptions {
  readonly log: Pick<EventLog, 'readAll'>
  readonly store: Pick<ProjectionStore, 'load' | 'save' | 'savePeriods'> &
    Partial<Pick<ProjectionStore, 'isLive'>>
  readonly snapshots: SnapshotStore
  /** For the marks of snapshots whose event went by before. */
  readonly marks?: Pick<LogMarks, 'at'> | undefined
  /** Told of the event behind each snapshot. */
  readonly onSeen?: ((marked: Marked) => void) | undefined
  /** Told after each snapshot: with the error if it could not be written. */
  readonly onShown?: (error?: Error) => void
  /** Told after each commit which periods are in it, if any. */
  readonly onPeriods?: (change: PeriodsChange) => void
}

/** A store that is silent for so long is lost. */
const STORE_DEADLINE_MS = 30_000

/** The CategoryAggregate of every poll, shown as snapshots, and of each of its periods. */
export class CategoryProjection implements ReadModel {
  readonly name = CATEGORY_AGGREGATE
  readonly pace = { usualMs: 20, busyMs: 100 }
  readonly #options: CategoryProjectionOptions

  constructor(options: CategoryProjectionOptions) {
    this.#options = options
  }

  async load(): Promise<ActiveReadModel> {
    return new ActiveCategoryProjection(this.#options, await this.#options.store.load())
  }
}

class ActiveCategoryProjection implements ActiveReadModel {
  readonly #options: CategoryProjectionOptions
  readonly #loaded: LoadedProjection
  #backfill: PeriodBackfill | undefined
  #checkpoint: Position
  #unshown: readonly string[]
  /** Of the event at each poll's position. */
  readonly #marks = new Map<Position, Mark>()

  constructor(options: CategoryProjectionOptions, loaded: LoadedProjection) {
    const { checkpoint, fold, periods } = loaded
    this.#options = options
    this.#loaded = loaded
    this.#checkpoint = checkpoint
    this.#unshown = [...fold.polls.keys()]
    if (periods.checkpoint === checkpoint) fold.listener = periods.changes
    else {
      const save = (change: PeriodsChange) => this.#savePeriods(change)
      this.#backfill = new PeriodBackfill({ log: options.log, periods, save })
    }
  }

  get checkpoint(): Position {
    return this.#checkpoint
  }

  /** Whether there are events whose periods are not written yet: those from before there were periods. */
  get hasMore(): boolean {
    return this.#backfill !== undefined && this.#loaded.periods.checkpoint < this.#checkpoint
  }

  async commit(events: readonly RecordedEvent[]): Promise<readonly ParkedEvent[]> {
    const { version, fold, periods } = this.#loaded
    const [from, to] = [this.#checkpoint, events.at(-1)!.position]
    const failed = events.flatMap((event) => fold.apply(event) ?? [])
    const { parked, settled } = outcomeOf(fold, failed, actsIn(events))
    const polls = [...fold.polls.values()].filter((poll) => poll.position > from)
    const changed = this.#backfill ? undefined : await periods.changed(to)
    const { unknown } = fold
    await this.#options.store.save({ version, from, to, polls, parked, settled, unknown, periods: changed })
    this.#checkpoint = to
    if (changed) {
      periods.committed(changed)
      this.#options.onPeriods?.(changed)
    }
    this.#note(polls, events)
    this.#unshown = polls.map((poll) => poll.definition.poll)
    return failed
  }

  #note(polls: readonly PollAggregate[], events: readonly RecordedEvent[]): void {
    const positions = new Set(polls.map(({ position }) => position))
    this.#marks.clear()
    for (const event of events)
      if (positions.has(event.position)) this.#marks.set(event.position, markOf(event))
  }

  async #markAt(position: Position): Promise<Mark | undefined> {
    return this.#marks.get(position) ?? (await this.#options.marks?.at(position).catch(() => undefined))
  }

  /** Once the periods have come as far as the rest, both go on together. */
  async makeUp(signal: AbortSignal): Promise<void> {
    const { fold, periods } = this.#loaded
    if (!this.#backfill || periods.checkpoint > this.#checkpoint) return
    if (!(await this.#backfill.step(this.#checkpoint, signal))) return
    this.#backfill = undefined
    fold.listener = periods.changes
  }

  async prepare(): Promise<void> {
    await this.#loaded.periods.prepare()
    const { version } = this.#loaded
    if ((await this.#options.store.isLive?.(version)) === false)
      throw new VersionReplaced(CATEGORY_AGGREGATE, version)
  }

  async close(): Promise<void> {
    await this.#backfill?.close()
  }

  async #savePeriods(change: PeriodsChange): Promise<void> {
    const saved = this.#options.store.savePeriods(change)
    await withDeadline(STORE_DEADLINE_MS, 'saving the periods', saved)
    this.#options.onPeriods?.(change)
  }

  /** Writes snapshots. Without one, answers come from the projection. */
  async show(): Promise<void> {
    const { fold, generation } = this.#loaded
    const { snapshots, onSeen, onShown } = this.#options
    const ofToday = generation > 0 && { generation }
    for (const poll of this.#unshown) {
      const aggregate = { ...copyPoll(fold.polls.get(poll)!), ...ofToday }
      const { position } = aggregate
      const mark = await this.#markAt(position)
      if (mark) onSeen?.({ position, mark })
      await snapshots.put(aggregate, { mark }).then(
        () => onShown?.(),
        (error: Error) => onShown?.(error),
      )
    }
    this.#unshown = []
  }
}
