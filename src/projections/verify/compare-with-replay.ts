/** Compares what is stored with a replay of the log from its start, each at its own position. */
import { type EventLog, type Position, START } from '../../events/event-log.ts'
import type { EventBatch } from '../../events/submitted-run.ts'
import type { Difference } from '../diff-aggregates.ts'
import { Fold } from '../fold.ts'
import { applyBatch } from '../fold-run.ts'
import { diffPeriods } from '../periods/diff-periods.ts'
import { type Month, monthOf } from '../periods/month.ts'
import { type PackedPeriod, PackedPeriods } from '../periods/packed-periods.ts'
import { PeriodChanges } from '../periods/period-changes.ts'
import type { EveryPeriod } from '../periods/period-store.ts'
import type { PollAggregate } from '../poll-aggregate.ts'
import type { RowsAggregate } from '../submission-rows/rows-aggregates.ts'
import { diffPolls } from './diff-polls.ts'
import { diffRows } from './diff-rows.ts'
import { type StoredStates, statesStops } from './stored-states.ts'

/** Polls as they are stored at a position. */
interface PollsAt {
  readonly position: Position
  readonly polls: ReadonlyMap<string, PollAggregate>
  /** Why some contradict themselves, or cannot be read. */
  readonly broken?: ReadonlyMap<string, string>
}

/** A stretch of time, small enough for its periods to be held in memory. */
export interface Stretch {
  /** Milliseconds since 1970; periods that start at or after `from` and before `to`. */
  readonly from: number
  readonly to: number
  readonly read: () => Promise<EveryPeriod>
}

/** What is compared, as far as there is anything. */
export interface Compared {
  readonly results?: PollsAt
  /** Of the past; each is read when the replay has come to it. */
  readonly states?: readonly StoredStates[]
  /** Each at its own position. */
  readonly snapshots?: ReadonlyMap<string, PollAggregate>
  /** One replay for each; in the first one everything else is compared, too. */
  readonly periods: readonly Stretch[]
  readonly rows: readonly {
    readonly position: Position
    readonly aggregates: ReadonlyMap<string, RowsAggregate>
  }[]
}

/** What the comparison of one poll gave; no differences: it is right. */
export interface VerifiedPoll {
  readonly poll: string
  readonly counted: number
  /** How many quarters of an hour were compared. */
  readonly periods: number
  readonly differences: readonly Difference[]
}

export interface CompareOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

export interface Comparison {
  readonly polls: readonly VerifiedPoll[]
  /** How far the periods had come, the last of them if they were read in several pieces. */
  readonly periodsPosition: Position | undefined
  /** Months whose periods could not be compared: their partition is detached. */
  readonly detached: number
}

/** @throws the signal's reason */
export async function compareWithReplay(
  log: Pick<EventLog, 'readAll'>,
  compared: Compared,
  options: CompareOptions,
): Promise<Comparison> {
  const findings = new Findings()
  const passes = compared.periods.length === 0 ? [undefined] : compared.periods
  for (const [pass, stretch] of passes.entries()) {
    const first = pass === 0
    await comparePass(log, { ...compared, ...(!first && { rows: [] }), first, stretch }, findings, {
      signal: options.signal,
      onProgress: (fraction, events) =>
        options.onProgress((pass + fraction) / passes.length, findings.events + events),
    })
  }
  return findings.comparison
}

/** What was found so far. */
class Findings {
  readonly #polls = new Map<string, { counted: number; periods: number; differences: Difference[] }>()
  events = 0
  periodsPosition: Position | undefined
  detached = 0

  of(poll: string) {
    const known = this.#polls.get(poll) ?? { counted: 0, periods: 0, differences: [] }
    this.#polls.set(poll, known)
    return known
  }

  add(poll: string, differences: readonly Difference[]): void {
    for (const difference of differences) this.of(poll).differences.push(difference)
  }

  get comparison(): Comparison {
    const polls = [...this.#polls].map(([poll, found]) => ({ poll, ...found }))
    return { polls, periodsPosition: this.periodsPosition, detached: this.detached }
  }
}

interface Pass extends Omit<Compared, 'periods'> {
  readonly first: boolean
  readonly stretch: Stretch | undefined
}

/** Something to be done when the replay has come to a position. */
interface Stop {
  readonly position: Position
  readonly look: (fold: Fold) => void | Promise<void>
}

async function comparePass(
  log: Pick<EventLog, 'readAll'>,
  { first, results, states = [], snapshots, rows, stretch }: Pass,
  findings: Findings,
  { signal, onProgress }: CompareOptions,
): Promise<void> {
  const periods = stretch && (await readPeriods(stretch))
  const stops: Stop[] = rows.map(({ position, aggregates }) => ({
    position,
    look: ({ polls }) => {
      for (const [poll, found] of diffRows(polls, aggregates)) findings.add(poll, found)
    },
  }))
  if (first && results) stops.push({ position: results.position, look: resultsLook(results, findings) })
  if (first) stops.push(...statesStops(states, (poll, found) => findings.add(poll, found)))
  if (first && snapshots)
    for (const [poll, snapshot] of snapshots)
      stops.push({ position: snapshot.position, look: snapshotLook(poll, snapshot, findings) })
  if (periods) stops.push({ position: periods.checkpoint, look: () => {} })
  stops.sort((one, other) => (one.position < other.position ? -1 : 1))
  const upTo = stops.at(-1)?.position ?? START
  const [fold, changes, replayed] = [new Fold(), new PeriodChanges(), new PackedPeriods()]
  let events = 0
  for await (const batch of log.readAll({ after: START, upTo, signal, forFold: true })) {
    for (const part of partsBetween(batch, stops)) {
      while (stops[0] && stops[0].position < part[0]!.position) await stops.shift()!.look(fold)
      fold.listener = periods && part[0]!.position <= periods.checkpoint ? changes : undefined
      applyBatch(fold, part)
    }
    if (stretch) replayed.add(changes.take(), stretch)
    events += batch.length
    onProgress(Number(batch.at(-1)!.position) / Number(upTo), events)
  }
  signal.throwIfAborted()
  for (const stop of stops) await stop.look(fold)
  findings.events += events
  if (periods) comparePeriods(fold, replayed, periods, findings)
}

/** The batch, in one piece unless there is a stop within: then event by event. */
function partsBetween(batch: EventBatch, stops: readonly Stop[]): EventBatch[] {
  const [first, last] = [batch[0]!.position, batch.at(-1)!.position]
  const isWhole = stops.every(({ position }) => position < first || position >= last)
  return isWhole ? [batch] : batch.map((event) => [event])
}

const resultsLook =
  ({ polls: actual, broken }: PollsAt, findings: Findings) =>
  ({ polls }: Fold): void => {
    for (const name of new Set([...polls.keys(), ...actual.keys(), ...(broken?.keys() ?? [])])) {
      const [ours, theirs, reason] = [polls.get(name), actual.get(name), broken?.get(name)]
      findings.of(name).counted = (theirs ?? ours)?.counted ?? 0
      if (reason !== undefined)
        findings.add(name, [{ what: 'the projection', expected: 'agrees with itself', actual: reason }])
      if (theirs || reason === undefined) findings.add(name, diffPolls(ours, theirs))
    }
  }

const snapshotLook =
  (name: string, snapshot: PollAggregate, findings: Findings) =>
  ({ polls }: Fold): void =>
    findings.add(
      name,
      diffPolls(polls.get(name), snapshot).map((difference) => ({
        ...difference,
        what: `snapshot: ${difference.what}`,
      })),
    )

interface ReadPeriods {
  readonly checkpoint: Position
  readonly detached: ReadonlySet<Month>
  readonly periods: PackedPeriods
}

async function readPeriods({ read }: Stretch): Promise<ReadPeriods> {
  const { checkpoint, detached, periods: stored } = await read()
  const periods = new PackedPeriods()
  for await (const batch of stored)
    for (const { poll, start, kind, packed } of batch) periods.put(poll, start, kind, packed)
  return { checkpoint, detached, periods }
}

function comparePeriods(
  { polls }: Fold,
  replayed: PackedPeriods,
  { checkpoint, detached, periods }: ReadPeriods,
  findings: Findings,
): void {
  findings.periodsPosition = checkpoint
  findings.detached = detached.size
  for (const poll of new Set([...replayed.polls.keys(), ...periods.polls.keys()])) {
    const [expected, actual] = [attached(replayed, poll, detached), attached(periods, poll, detached)]
    const definition = polls.get(poll)?.definition
    findings.of(poll).periods += expected.size
    if (definition) findings.add(poll, diffPeriods(definition, expected, actual))
    else findings.add(poll, [{ what: 'periods', expected: 'missing', actual: 'there' }])
  }
}

const attached = (
  { polls }: PackedPeriods,
  poll: string,
  detached: ReadonlySet<Month>,
): Map<number, PackedPeriod> =>
  new Map([...(polls.get(poll) ?? [])].filter(([start]) => !detached.has(monthOf(start))))
