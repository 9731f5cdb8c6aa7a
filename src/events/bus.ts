import type { Position, RecordedEvent } from './event-log.ts'

/** Consecutive events of the log. */
export interface EventBatch {
  /** Position just before the first event: equals the reader's checkpoint unless something is missing. */
  readonly previous: Position
  /** Never empty; in log order. */
  readonly events: readonly RecordedEvent[]
}

/** A batch as a subscriber gets it. */
export interface Delivery {
  readonly previous: Position
  /** Position of the last event. */
  readonly last: Position
  /** The events, read when they are asked for. @throws if the message cannot be read: then they are missing */
  events(): readonly RecordedEvent[]
  /** The bus need not bring this batch again, nor any before it. */
  acknowledge(): void
}

/**
 * Carries batches from the relay to the projectors. It may lose, repeat or reorder them: nothing but speed depends
 * on it. The bus port.
 */
export interface Bus {
  /** Whether it may bring what it was given long ago: also events that the log has lost since. */
  readonly keepsBatches: boolean

  /** Goes on publishing after what the bus holds. @throws while the bus is away */
  publisher(): Promise<Publisher>

  /**
   * Batches as they come, until `signal` aborts; resumes by itself after a lost connection.
   * @param options.name who subscribes: a bus that keeps batches goes on where this name has acknowledged
   */
  subscribe(options: { name: string; signal: AbortSignal }): AsyncIterable<Delivery>

  /** Forgets all batches. @throws while the bus is away */
  clear(): Promise<void>

  close(): Promise<void>
}

/** One writer's way into the bus. After a failed `publish` it is of no use any more: ask for another one. */
export interface Publisher {
  /** Position of the last event that the bus held at the time, if it keeps any. */
  readonly last: Position | undefined

  /**
   * Resolves when the bus has taken the batch. Several may be under way; they are taken in the order of the calls.
   * @throws if it could not be learnt in time, or if somebody else has published meanwhile
   */
  publish(batch: EventBatch): Promise<void>
}

/** A batch that is delivered as it was published, by a bus that has nothing to be told. */
export const delivered = ({ previous, events }: EventBatch): Delivery => ({
  previous,
  last: events.at(-1)!.position,
  events: () => events,
  acknowledge: () => {},
})
