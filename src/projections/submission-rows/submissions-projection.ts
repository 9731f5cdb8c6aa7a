import type { EventLog, Position, RecordedEvent } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import type { ParkedEvent } from '../fold.ts'
import {
  type ActiveReadModel,
  CheckpointMoved,
  FoldChanged,
  type ReadModel,
  VersionReplaced,
} from '../read-model.ts'
import { applyAll, decodeAll, later, storiesOf } from './apply-events.ts'
import { lastRows } from './last-rows.ts'
import { SubmissionHistory } from './submission-history.ts'
import { moveCheckpoint, SUBMISSIONS, writeHistory } from './write-rows.ts'

/** Raised whenever the same events would lead to other rows than before: a rebuild is needed then. */
export const ROWS_VERSION = 1

/** A server that takes longer for a commit is taken for silent. */
const deadline = { deadlineMs: 30_000 }

/** Keeps the table `submission_rows`. It may lag behind: results are not read from it. */
export class SubmissionsProjection implements ReadModel {
  readonly name = SUBMISSIONS
  readonly pace = { usualMs: 100, busyMs: 500 }
  readonly #pool: ClientPool
  readonly #log: Pick<EventLog, 'readStream'>
  readonly #version: number | undefined

  /**
   * @param log tells the whole story of a submission of which an event is tried again
   * @param version the live one if left out
   */
  constructor(pool: ClientPool, log: Pick<EventLog, 'readStream'>, version?: number) {
    this.#pool = pool
    this.#log = log
    this.#version = version
  }

  async load(): Promise<ActiveReadModel> {
    return await this.#pool.lend(async (client) => {
      const { rows } = await client.query(
        `select version, fold_version, position from projections
          where name = $1 and case when $2::int is null then status = 'live' else version = $2 and status <> 'discarded' end`,
        [SUBMISSIONS, this.#version ?? null],
      )
      if (rows.length === 0)
        throw new CheckpointMoved(`there is no version ${this.#version} of ${SUBMISSIONS} any more`)
      const { version, fold_version: made, position } = rows[0]
      if (made !== ROWS_VERSION) throw new FoldChanged(SUBMISSIONS, { made, today: ROWS_VERSION })
      const opened = await client.query(
        'select poll, definition from submission_row_polls where version = $1',
        [version],
      )
      const definitions = opened.rows.map((row): [string, PollDefinition] => [row.poll, row.definition])
      const polls = new Map(definitions)
      return new ActiveSubmissionsProjection(this.#pool, this.#log, version, BigInt(position), polls)
    }, deadline)
  }
}

class ActiveSubmissionsProjection implements ActiveReadModel {
  readonly #pool: ClientPool
  readonly #log: Pick<EventLog, 'readStream'>
  readonly #version: number
  readonly #polls: Map<string, PollDefinition>
  #checkpoint: Position

  constructor(
    pool: ClientPool,
    log: Pick<EventLog, 'readStream'>,
    version: number,
    checkpoint: Position,
    polls: Map<string, PollDefinition>,
  ) {
    this.#pool = pool
    this.#log = log
    this.#version = version
    this.#checkpoint = checkpoint
    this.#polls = polls
  }

  get checkpoint(): Position {
    return this.#checkpoint
  }

  async commit(events: readonly RecordedEvent[]): Promise<readonly ParkedEvent[]> {
    const to = events.at(-1)!.position
    const { decoded, unknown } = decodeAll(events)
    const stories = await storiesOf(this.#log, decoded)
    const misfits = await this.#pool.lend(async (client) => {
      // A crash may take the last rows back together with the checkpoint; they are made again the same.
      await client.query('begin; set local synchronous_commit = off')
      await moveCheckpoint(client, { version: this.#version, from: this.#checkpoint, to, unknown })
      const history = new SubmissionHistory(this.#polls, await lastRows(client, this.#version, later(events)))
      const unfit = applyAll(history, decoded, stories)
      await writeHistory(client, this.#version, history)
      await client.query('commit')
      return unfit
    }, deadline)
    this.#checkpoint = to
    return misfits
  }

  /** Rows are read where they are: there is nobody to tell. */
  async show(): Promise<void> {}

  /** @throws {VersionReplaced} */
  async prepare(): Promise<void> {
    const live = await this.#pool.lend(
      (client) =>
        client.query(`select from projections where name = $1 and version = $2 and status = 'live'`, [
          SUBMISSIONS,
          this.#version,
        ]),
      deadline,
    )
    if (live.rowCount !== 1) throw new VersionReplaced(SUBMISSIONS, this.#version)
  }
}
