import { holds, type LogMarks, type Mark, type Marked } from '../events/log-marks.ts'

export interface SnapshotOriginOptions {
  /** Tells whether a snapshot is of this log; left out: it is taken for such. */
  readonly marks?: Pick<LogMarks, 'at'> | undefined
  /** Told, in a sentence, of a snapshot that is not: it is taken away. */
  readonly onStale?: ((sentence: string) => void) | undefined
  /** Told of the event behind a snapshot that is. */
  readonly onSeen?: ((marked: Marked) => void) | undefined
}

/** Whether snapshots that were kept elsewhere are of this log: it may have been restored from an older backup since. */
export class SnapshotOrigin {
  readonly #options: SnapshotOriginOptions
  /** Polls whose snapshot is: what comes after it, on the same connection, is too. */
  readonly #known = new Set<string>()

  constructor(options: SnapshotOriginOptions) {
    this.#options = options
  }

  /** What is found from now on may be from another time. */
  forget(): void {
    this.#known.clear()
  }

  /** Whether a snapshot is of events that the log does not have. One without a mark is taken for this log's. */
  async isStale(poll: string, position: bigint, mark: Mark): Promise<boolean> {
    const { marks, onStale, onSeen } = this.#options
    if (!marks || mark === '') return false
    try {
      if (this.#known.has(poll) || (await holds(marks, { position, mark }))) {
        this.#known.add(poll)
        onSeen?.({ position, mark })
        return false
      }
    } catch {
      // The log is away: nobody can tell, and this is the best there is.
      return false
    }
    onStale?.(
      `Redis held results of ${poll} at position ${position} whose events the event log does not have`,
    )
    return true
  }
}
