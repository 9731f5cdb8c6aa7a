import type { Position, RecordedEvent } from '../events/event-log.ts'
import type { ParkedEvent } from './fold.ts'
import { copyPoll } from './poll-aggregate.ts'
import { CATEGORY_AGGREGATE, type LoadedProjection, type ProjectionStore } from './projection-store.ts'
import type { ActiveReadModel, ReadModel } from './read-model.ts'
import type { SnapshotStore } from './snapshot-store.ts'

export interface CategoryProjectionOptions {
  readonly store: Pick<ProjectionStore, 'load' | 'save'>
  readonly snapshots: SnapshotStore
}

/** The CategoryAggregate of every poll, shown as snapshots. */
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
  #checkpoint: Position
  #unshown: readonly string[]

  constructor(options: CategoryProjectionOptions, loaded: LoadedProjection) {
    this.#options = options
    this.#loaded = loaded
    this.#checkpoint = loaded.checkpoint
    this.#unshown = [...loaded.fold.polls.keys()]
  }

  get checkpoint(): Position {
    return this.#checkpoint
  }

  async commit(events: readonly RecordedEvent[]): Promise<readonly ParkedEvent[]> {
    const { version, fold } = this.#loaded
    const [from, to] = [this.#checkpoint, events.at(-1)!.position]
    const parked = events.flatMap((event) => fold.apply(event) ?? [])
    const touched = [...fold.polls.values()].filter((poll) => poll.position > from)
    const { unknown } = fold
    await this.#options.store.save({ version, from, to, polls: touched, parked, unknown })
    this.#checkpoint = to
    this.#unshown = touched.map((poll) => poll.definition.poll)
    return parked
  }

  /** Writes snapshots. Without one, answers come from the projection. */
  async show(onError: (error: Error) => void): Promise<void> {
    const { fold } = this.#loaded
    for (const poll of this.#unshown)
      await this.#options.snapshots.put(copyPoll(fold.polls.get(poll)!)).catch(onError)
    this.#unshown = []
  }
}
