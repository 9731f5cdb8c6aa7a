import type { EventLog, ReadAllOptions } from '../../events/event-log.ts'
import type { EventBatch } from '../../events/submitted-run.ts'
import type { Range, Reached } from './build-jobs.ts'

/** A range that has been folded, and waits until everything before it is stored. */
export interface PreparedRange extends Reached {
  /**
   * Stores it, and moves the version's checkpoint from the range's start to its end, in one transaction.
   * @returns whether it had to be folded again, because it takes back what is not there
   * @throws {CheckpointMoved} if the version is not at the range's start, or is given up
   */
  readonly commit: () => Promise<boolean>
  /** Lets go of it: it is not stored. */
  readonly giveUp: () => Promise<void>
}

export interface RangeOptions {
  readonly signal: AbortSignal
  readonly onProgress: (events: number) => void
}

/** Reads a range. @param apply is handed each batch in turn @returns where it ends, and how many events it has */
export async function readRange(
  log: Pick<EventLog, 'readAll'>,
  { after, upTo, maxEvents = Number.POSITIVE_INFINITY }: Range,
  { signal, onProgress, forFold = false }: RangeOptions & Pick<ReadAllOptions, 'forFold'>,
  apply: (batch: EventBatch) => void,
): Promise<Reached> {
  let [events, position] = [0, upTo]
  for await (const batch of log.readAll({ after, upTo, signal, forFold })) {
    apply(batch)
    events += batch.length
    onProgress(events)
    if (events < maxEvents) continue
    position = batch.at(-1)!.position
    break
  }
  return { position, events }
}
