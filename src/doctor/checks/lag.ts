import type { EventLog, Position } from '../../events/event-log.ts'
import type { ReadModels } from '../../processes/database-figures.ts'
import type { ProcessState } from '../../processes/process-state.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { count, duration, failed, fine, judged, number, warning } from '../words.ts'

export interface LagOptions {
  readonly log: Pick<EventLog, 'head' | 'readAll'>
  /** How far apart the positions of two events are. */
  readonly positionsPerEvent: bigint
  readonly readModels: () => Promise<ReadModels>
  readonly processes: () => Promise<readonly ProcessState[]>
  readonly now?: () => number
}

/** The backlog that triggers another look at the machine. */
const BACKLOG = { warnAt: 1000, failAt: 1_000_000 }
/** Seconds. */
const LAG = { warnAt: 30, failAt: 300 }

const names: Readonly<Record<string, string>> = { 'category-aggregate': 'results' }

/** How far those who follow the log are behind, and what they could not apply. */
export const lagCheck = (options: LagOptions): Check => ({
  name: 'lag',
  routine: 'always',
  look: async (signal) => {
    // In this order: what is appended in between must not look like a log that has gone back.
    const models = await options.readModels()
    const head = await options.log.head()
    const live = models.versions.filter(({ status }) => status === 'live')
    const lags = live.map(({ name, position }) => lagOf(names[name] ?? name, position, head, options, signal))
    return [
      ...(await Promise.all(lags)),
      ...relayResults(await options.processes()),
      backlogResult(
        live.map(({ position }) => position),
        head,
        options,
      ),
      parkedResult(models),
      unknownResult(models),
    ]
  },
})

async function lagOf(
  what: string,
  position: Position,
  head: Position,
  options: LagOptions,
  signal: AbortSignal,
): Promise<CheckResult> {
  const told = { name: `lag: ${what}`, expected: `under ${LAG.warnAt} s` }
  if (position > head)
    return failed(
      { ...told, actual: `at position ${position}, while the log ends at ${head}` },
      'The log was restored from an older backup than the database, or is another one. docs/operating.md, “EventStoreDB”, says more.',
    )
  if (position === head) return fine({ ...told, actual: 'level with the log' })
  const seconds = await waitingSince(position, head, options, signal)
  const actual = `${count(eventsBetween(position, head, options), 'event')} behind, for ${duration(seconds)}`
  return judged(
    { ...told, actual },
    seconds,
    LAG,
    `No projector keeps the ${what}, or it stands still: /readyz of the projectors says why.`,
  )
}

/** How long the first event that is missing has been in the log, seconds. */
async function waitingSince(
  after: Position,
  head: Position,
  { log, positionsPerEvent, now = Date.now }: LagOptions,
  signal: AbortSignal,
): Promise<number> {
  // Where every position is an event's, no more than that one is read.
  const upTo = positionsPerEvent === 1n ? after + 1n : head
  for await (const [first] of log.readAll({ after, upTo, signal }))
    if (first) return Math.max(0, (now() - Date.parse(first.recordedAt)) / 1000)
  return 0
}

/** What the one that relays tells of itself. */
function relayResults(processes: readonly ProcessState[]): CheckResult[] {
  const relays = processes.filter(({ alive, figures }) => alive && figures.relays === 1)
  return relays.map(({ host, url, figures: { relayLagEvents, relayLagSeconds } }) => {
    const told = { name: `lag: relay, ${host} ${new URL(url).port}`, expected: `under ${LAG.warnAt} s` }
    if (relayLagEvents === undefined || relayLagSeconds === undefined)
      return warning({ ...told, actual: 'the bus has taken nothing yet' }, 'See what is said of NATS.')
    const actual =
      relayLagEvents === 0
        ? 'level with the log'
        : `${count(relayLagEvents, 'event')} behind, for ${duration(relayLagSeconds)}`
    return judged(
      { ...told, actual },
      relayLagSeconds,
      LAG,
      'See what is said of NATS; projectors follow the log meanwhile.',
    )
  })
}

function backlogResult(positions: readonly Position[], head: Position, options: LagOptions): CheckResult {
  const backlog = Math.max(0, ...positions.map((position) => eventsBetween(position, head, options)))
  const told = {
    name: 'backlog',
    expected: `under ${count(BACKLOG.warnAt, 'event')}`,
    actual: count(backlog, 'event'),
  }
  return judged(
    told,
    backlog,
    BACKLOG,
    'If it does not shrink by itself within minutes: a projector is missing, or its database too slow.',
  )
}

function parkedResult({ parked }: ReadModels): CheckResult {
  const told = { name: 'parked events', expected: 'none', actual: parked === 0 ? 'none' : number(parked) }
  return parked === 0
    ? fine(told)
    : warning(told, 'They are in no result. See `taxbudget parked list`, then retry or skip them.')
}

function unknownResult({ unknown }: ReadModels): CheckResult {
  const told = { name: 'unknown events', expected: 'none', actual: unknown === 0 ? 'none' : number(unknown) }
  return unknown === 0
    ? fine(told)
    : warning(
        told,
        'A newer version of the program has written them: run that one, and rebuild the projections.',
      )
}

const eventsBetween = (from: Position, to: Position, { positionsPerEvent }: LagOptions): number =>
  to > from ? Math.ceil(Number(to - from) / Number(positionsPerEvent)) : 0
