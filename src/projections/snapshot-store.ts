import type { Mark } from '../events/log-marks.ts'
import type { PollAggregate } from './poll-aggregate.ts'

/** Bytes. */
export interface StoreMemory {
  readonly used: number
  /** What it may take: its own limit, else all that its machine has. Undefined: it does not say. */
  readonly limit: number | undefined
}

export interface PutOptions {
  readonly ttlMs?: number | undefined
  readonly mark?: Mark | undefined
}

/** Keeps the newest aggregate of each poll where it can be read in O(1). The snapshot-store port. */
export interface SnapshotStore {
  /** The same object for as long as the same snapshot stands. */
  get(poll: string): Promise<PollAggregate | undefined>

  /** The last one known, even if nobody keeps it up to date any more: better than nothing when all else fails. */
  last(poll: string): Promise<PollAggregate | undefined>

  /**
   * Keeps `aggregate` unless a newer one is there.
   * @param ttlMs for one that nobody keeps up to date (a query's offer): forgotten after so many milliseconds, and
   * not taken where the store is away or busy with another.
   * @param mark of the event at its position: a snapshot that outlives the log it is of is known by it
   * @returns whether it was taken
   */
  put(aggregate: PollAggregate, options?: PutOptions): Promise<boolean>

  /** Calls `listener` for every snapshot taken by `put`; returns how to stop that. */
  onChange(listener: (aggregate: PollAggregate) => void): () => void

  /** What the store takes of the memory that it may have; undefined where it is this process's own. @throws while it is away */
  memory?(): Promise<StoreMemory>

  /** This process keeps them up to date no longer; another one may. */
  abandon(): void

  close(): Promise<void>
}
