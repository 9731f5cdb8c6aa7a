import type pg from 'pg'
import { type DomainEvent, UnknownEvent } from '../../events/domain-events.ts'
import type { EventLog, Position, RecordedEvent } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { decodeForFold } from '../decode-for-fold.ts'
import type { ParkedEvent } from '../fold.ts'
import { type ActiveReadModel, CheckpointMoved, FoldChanged, type ReadModel } from '../read-model.ts'
import { copyRows, instant } from './copy-rows.ts'
import { lastRows } from './last-rows.ts'
import { SubmissionHistory } from './submission-history.ts'
import { Misfit, submissionOf, type TemporalRow } from './temporal-row.ts'

/** Its name among the projections. */
export const SUBMISSIONS = 'submissions'

/** Raised whenever the same events would lead to other rows than before: a rebuild is needed then. */
const ROWS_VERSION = 1

/** A server that takes longer for a commit is taken for silent. */
const deadline = { deadlineMs: 30_000 }

/** Keeps the table `submission_rows`. It may lag behind: results are not read from it. */
export class SubmissionsProjection implements ReadModel {
  readonly name = SUBMISSIONS
  readonly pace = { usualMs: 100, busyMs: 500 }
  readonly #pool: ClientPool
  readonly #log: Pick<EventLog, 'readStream'>

  /** @param log tells the whole story of a submission of which an event is tried again */
  constructor(pool: ClientPool, log: Pick<EventLog, 'readStream'>) {
    this.#pool = pool
    this.#log = log
  }

  async load(): Promise<ActiveReadModel> {
    return await this.#pool.lend(async (client) => {
      const { rows } = await client.query(
        `select version, fold_version, position from projections where name = $1 and status = 'live'`,
        [SUBMISSIONS],
      )
      const { version, fold_version: made, position } = rows[0]
      if (made !== ROWS_VERSION)
        throw new FoldChanged(`the rows were made by version ${made} of the code, not ${ROWS_VERSION}`)
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
    const stories = await this.#storiesOf(decoded)
    const misfits = await this.#pool.lend(async (client) => {
      // A crash may take the last rows back together with the checkpoint; they are made again the same.
      await client.query('begin; set local synchronous_commit = off')
      await this.#moveCheckpoint(client, to, unknown)
      const history = new SubmissionHistory(this.#polls, await lastRows(client, this.#version, later(events)))
      const unfit = applyAll(history, decoded, stories)
      await this.#write(client, history)
      await client.query('commit')
      return unfit
    }, deadline)
    this.#checkpoint = to
    return misfits
  }

  /** By the act, the events before it of each submission of which one is tried again. */
  async #storiesOf(decoded: readonly Decoded[]): Promise<Map<RecordedEvent, readonly Decoded[]>> {
    const stories = new Map<RecordedEvent, readonly Decoded[]>()
    for (const { event: act, data } of decoded) {
      if (data.type !== 'EventRetried' || !data.data.event) continue
      const { stream } = data.data.event
      const events = await this.#log.readStream(stream)
      stories.set(act, decodeAll(events.filter(({ position }) => position < act.position)).decoded)
    }
    return stories
  }

  /** Rows are read where they are: there is nobody to tell. */
  async show(): Promise<void> {}

  async #moveCheckpoint(client: pg.ClientBase, to: Position, unknown: number): Promise<void> {
    const { rowCount } = await client.query(
      'update projections set position = $1, unknown = unknown + $2 where name = $3 and version = $4 and position = $5',
      [to, unknown, SUBMISSIONS, this.#version, this.#checkpoint],
    )
    if (rowCount !== 1) throw new CheckpointMoved(`the checkpoint is no longer at ${this.#checkpoint}`)
  }

  async #write(client: pg.ClientBase, { opened, remade, added, ended }: SubmissionHistory): Promise<void> {
    for (const definition of opened)
      await client.query('insert into submission_row_polls (version, poll, definition) values ($1, $2, $3)', [
        this.#version,
        definition.poll,
        JSON.stringify(definition),
      ])
    if (remade.size > 0)
      await client.query('delete from submission_rows where version = $1 and submission = any ($2::uuid[])', [
        this.#version,
        [...remade],
      ])
    if (added.length > 0) await copyRows(client, this.#version, added)
    if (ended.length > 0) await this.#writeEnds(client, ended)
  }

  async #writeEnds(client: pg.ClientBase, rows: readonly TemporalRow[]): Promise<void> {
    const { rowCount } = await client.query(
      `update submission_rows r set to_position = e.to_position, to_time = e.to_time, ending = e.ending
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
           as e (submission, from_position, to_position, to_time, ending)
        where r.version = $1 and r.submission = e.submission and r.from_position = e.from_position`,
      [
        this.#version,
        rows.map(({ submission }) => submission),
        rows.map(({ from }) => from),
        rows.map(({ end }) => end!.position),
        rows.map(({ end }) => instant(end!.time)),
        rows.map(({ end }) => end!.how),
      ],
    )
    if (rowCount !== rows.length) throw new Error(`${rows.length} rows end, but ${rowCount} were there`)
  }
}

interface Decoded {
  readonly event: RecordedEvent
  readonly data: DomainEvent
}

/** What the fold parks as undecodable is left out: it is told of there. */
function decodeAll(events: readonly RecordedEvent[]): { decoded: Decoded[]; unknown: number } {
  const decoded: Decoded[] = []
  let unknown = 0
  for (const event of events)
    try {
      decoded.push({ event, data: decodeForFold(event) })
    } catch (error) {
      if (error instanceof UnknownEvent) unknown++
    }
  return { decoded, unknown }
}

/** @returns what fits its poll but not its submission; the rest that does not fit, the fold parks as well */
function applyAll(
  history: SubmissionHistory,
  decoded: readonly Decoded[],
  stories: ReadonlyMap<RecordedEvent, readonly Decoded[]> = new Map(),
): ParkedEvent[] {
  const misfits: ParkedEvent[] = []
  for (const { event, data } of decoded)
    try {
      history.apply(data, event)
      tellAgain(history, stories.get(event) ?? [])
    } catch (error) {
      if (error instanceof Misfit) misfits.push({ event, poll: pollOf(data), error: error.message })
    }
  return misfits
}

/** The story of a submission, or of a poll, from its beginning: with an event that fits now, later ones may, too. */
function tellAgain(history: SubmissionHistory, story: readonly Decoded[]): void {
  const submission = story[0] && submissionOf(story[0].event)
  if (submission) history.remake(submission)
  // What does not fit has been told of before.
  applyAll(history, submission ? story : story.filter(({ data }) => isNew(history, data)))
}

const isNew = (history: SubmissionHistory, { type, data }: DomainEvent): boolean =>
  type === 'PollOpened' && !history.knows(data.poll)

const pollOf = ({ data }: DomainEvent): string | undefined => data.poll

/** Submissions that may have a row already. */
const later = (events: readonly RecordedEvent[]): string[] => [
  ...new Set(events.flatMap((event) => (event.revision > 0 ? (submissionOf(event) ?? []) : []))),
]
