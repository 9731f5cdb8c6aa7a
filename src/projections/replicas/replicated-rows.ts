import { withDeadline } from '../../deadline.ts'
import type { Position } from '../../events/event-log.ts'
import type { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { SUBMISSIONS } from '../submission-rows/write-rows.ts'
import type { RowsAt, SubmissionRow, SubmissionRows } from '../submission-rows.ts'
import type { Replica } from './replica.ts'
import type { Replicas } from './replicas.ts'

type Store = Pick<SubmissionRowsStore, 'live' | 'rows'>

const LOOK_UP_MS = 1000

/**
 * Submissions from a replica that has come to the moment asked for, else from the primary. One that is lost in the middle
 * of an export is followed by the next: what counted at a position is the same everywhere.
 */
export class ReplicatedRows implements SubmissionRows {
  readonly #replicas: Pick<Replicas, 'usable' | 'failed'>
  readonly #primary: Store & Pick<SubmissionRowsStore, 'checkpoint'>
  readonly #onRead: (name: string | undefined) => void

  /** @param onRead told who gives rows; undefined: the primary */
  constructor(
    replicas: Pick<Replicas, 'usable' | 'failed'>,
    primary: Store & Pick<SubmissionRowsStore, 'checkpoint'>,
    onRead: (name: string | undefined) => void = () => {},
  ) {
    this.#replicas = replicas
    this.#primary = primary
    this.#onRead = onRead
  }

  /** The primary's; while it is away, what a replica has. */
  async checkpoint(): Promise<Position> {
    try {
      return await this.#primary.checkpoint()
    } catch (error) {
      for (const { rows } of this.#replicas.usable(SUBMISSIONS))
        try {
          return await withDeadline(LOOK_UP_MS, 'a replica', rows.checkpoint())
        } catch {
          // Then the next.
        }
      throw error
    }
  }

  async *rows(
    poll: string,
    at: RowsAt,
    {
      after = 0n,
      limit = Number.POSITIVE_INFINITY,
      signal,
    }: { readonly after?: Position; readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<readonly SubmissionRow[]> {
    const rest = { after, limit, version: undefined as number | undefined, ...(signal && { signal }) }
    const taking = (batch: readonly SubmissionRow[], version: number) => {
      rest.version = version
      rest.after = batch.at(-1)!.position
      rest.limit -= batch.length
      return batch
    }
    for (const replica of this.#replicas.usable(SUBMISSIONS))
      try {
        const version = await versionAt(replica, at)
        // Of another version than what was given already nothing can be taken.
        if (version === undefined || version !== (rest.version ?? version)) continue
        this.#onRead(replica.name)
        for await (const batch of replica.rows.rows(poll, at, { ...rest, version }))
          yield taking(batch, version)
        return
      } catch (error) {
        signal?.throwIfAborted()
        this.#replicas.failed(replica, error as Error)
      }
    this.#onRead(undefined)
    if (rest.limit > 0) yield* this.#primary.rows(poll, at, { ...rest })
  }
}

/** The live version of a replica, if it has come so far. */
async function versionAt({ name, rows }: Replica, { position }: RowsAt): Promise<number | undefined> {
  const { version, checkpoint } = await withDeadline(LOOK_UP_MS, name, rows.live())
  return checkpoint < position ? undefined : version
}
