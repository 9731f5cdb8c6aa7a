import packageJson from '../../package.json' with { type: 'json' }
import type { Position } from '../events/event-log.ts'
import { type ExactBatch, type LogCopy, recordedOf } from '../events/log-copy.ts'
import { type Difference, diffAggregates } from '../projections/diff-aggregates.ts'
import { FOLD_VERSION, Fold } from '../projections/fold.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { writePolls } from './manifest.ts'
import { type WrittenBackup, writeBackup } from './write-backup.ts'

/** What the results say that are served. */
export interface Served {
  readonly checkpoint: Position
  readonly polls: ReadonlyMap<string, PollAggregate>
}

export interface MakeBackupOptions {
  readonly path: string
  readonly copy: Pick<LogCopy, 'kind' | 'read'>
  /** The log's end when it begins: nothing later is in it. */
  readonly upTo: Position
  /** Compared with what the log gives at that position; no later than `upTo`. */
  readonly served?: Served | undefined
  readonly database: string
  readonly schema: string
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

export interface MadeBackup extends WrittenBackup {
  /** Where what is served is not what the log gives, by poll. */
  readonly differences: ReadonlyMap<string, readonly Difference[]>
}

/**
 * Writes the log up to a position into a file, and folds it on the way, so that the file says what results it gives.
 * @throws the signal's reason if it aborts: nothing is left of the file then
 */
export async function makeBackup(options: MakeBackupOptions): Promise<MadeBackup> {
  const { copy, upTo, path, served, signal } = options
  const fold = new Fold()
  let differences: ReadonlyMap<string, readonly Difference[]> | undefined
  const compare = () => {
    if (served) differences ??= diffPolls(fold.polls, served.polls)
  }
  const watched = async function* (): AsyncGenerator<ExactBatch> {
    let events = 0
    for await (const batch of copy.read(upTo, signal)) {
      for (const event of batch.events) {
        if (served && event.position > served.checkpoint) compare()
        fold.apply(recordedOf(event))
      }
      events += batch.events.length
      options.onProgress(Number(batch.events.at(-1)!.position) / Number(upTo), events)
      yield batch
    }
    compare()
  }
  const written = await writeBackup(path, watched(), () => ({
    log: copy.kind,
    database: options.database,
    position: `${upTo}`,
    madeAt: options.now().toISOString(),
    program: packageJson.version,
    schema: options.schema,
    foldVersion: FOLD_VERSION,
    polls: writePolls(fold.polls.values()),
  }))
  return { ...written, differences: differences ?? new Map() }
}

/**
 * What of the polls is otherwise than it should be, by poll; empty: they are the same.
 * @param comparePositions whether an event must have the position that it had
 */
export function diffPolls(
  expected: ReadonlyMap<string, PollAggregate>,
  actual: ReadonlyMap<string, PollAggregate>,
  { comparePositions = true } = {},
): Map<string, readonly Difference[]> {
  const found = new Map<string, readonly Difference[]>()
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const [ours, theirs] = [expected.get(name), actual.get(name)]
    const presence = (poll: PollAggregate | undefined) => (poll ? 'there' : 'missing')
    const differences =
      ours && theirs
        ? diffAggregates(ours, comparePositions ? theirs : { ...theirs, position: ours.position })
        : [{ what: 'the poll', expected: presence(ours), actual: presence(theirs) }]
    if (differences.length > 0) found.set(name, differences)
  }
  return found
}
