/** Applies to a version what comes next in the log, event after event, as its projector would if it were the live one. */
import type { DatabasePool } from 'slonik'
import type { EventLog, RecordedEvent } from '../../events/event-log.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { CategoryProjection } from '../category-projection.ts'
import { CATEGORY_AGGREGATE, ProjectionStore } from '../projection-store.ts'
import type { ActiveReadModel, ReadModel } from '../read-model.ts'
import type { SnapshotStore } from '../snapshot-store.ts'
import { SubmissionsProjection } from '../submission-rows/submissions-projection.ts'
import type { Range, Reached, VersionOf } from './build-jobs.ts'

export interface FollowerSources {
  readonly log: Pick<EventLog, 'readAll' | 'readStream'>
  readonly pool: DatabasePool
  readonly rowsPool: ClientPool
}

/** So many events go into one transaction. */
const EVENTS_PER_COMMIT = 5000

/** Nobody is shown a version that is not the live one. */
const nobody: SnapshotStore = {
  get: async () => undefined,
  last: async () => undefined,
  put: async () => false,
  onChange: () => () => {},
  abandon: () => {},
  close: async () => {},
}

export class Follower {
  readonly #sources: FollowerSources
  #active: (VersionOf & { readonly model: ActiveReadModel }) | undefined

  constructor(sources: FollowerSources) {
    this.#sources = sources
  }

  /** @throws {CheckpointMoved} if somebody else has moved it, or it was given up: ask again, or see what has become of it */
  async advance(
    version: VersionOf,
    upTo: Range['upTo'],
    {
      signal,
      onProgress,
    }: { readonly signal?: AbortSignal; readonly onProgress?: (events: number) => void } = {},
  ): Promise<Reached> {
    const model = await this.#load(version)
    let [events, pending] = [0, [] as RecordedEvent[]]
    try {
      const range = { after: model.checkpoint, upTo, ...(signal && { signal }) }
      for await (const batch of this.#sources.log.readAll(range)) {
        pending.push(...batch)
        events += batch.length
        if (pending.length < EVENTS_PER_COMMIT) continue
        await model.commit(pending)
        pending = []
        onProgress?.(events)
      }
      if (pending.length > 0) await model.commit(pending)
    } catch (error) {
      this.forget()
      throw error
    }
    return { position: model.checkpoint, events }
  }

  /** It is read anew from what is stored, the next time: somebody else may have written to it. */
  forget(): void {
    this.#active = undefined
  }

  async #load(version: VersionOf): Promise<ActiveReadModel> {
    const known = this.#active
    if (known?.projection === version.projection && known.version === version.version) return known.model
    const model = await this.#model(version).load()
    this.#active = { ...version, model }
    return model
  }

  #model({ projection, version }: VersionOf): ReadModel {
    const { log, pool, rowsPool } = this.#sources
    if (projection !== CATEGORY_AGGREGATE) return new SubmissionsProjection(rowsPool, log, version)
    const all = new ProjectionStore(pool)
    const store = {
      load: () => all.load(version),
      save: all.save.bind(all),
      savePeriods: all.savePeriods.bind(all),
    }
    return new CategoryProjection({ log, store, snapshots: nobody })
  }
}
