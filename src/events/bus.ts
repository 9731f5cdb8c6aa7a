import type { Position, RecordedEvent } from './event-log.ts'

/** Consecutive events of the log. */
export interface EventBatch {
  /** Position just before the first event: equals the reader's checkpoint unless something is missing. */
  readonly previous: Position
  /** Never empty; in log order. */
  readonly events: readonly RecordedEvent[]
}

/**
 * Carries batches from the relay to the projectors. It may lose, repeat or reorder them: nothing but speed depends
 * on it. The bus port.
 */
export interface Bus {
  /** Resolves when the bus has taken the batch. */
  publish(batch: EventBatch): Promise<void>

  /** Batches as they come, until `signal` aborts. */
  subscribe(options: { signal: AbortSignal }): AsyncIterable<EventBatch>

  /** Position of the last event that the bus holds, if it keeps any: where the relay goes on. */
  lastPosition(): Promise<Position | undefined>

  close(): Promise<void>
}
