import type { EndedByItself } from '../tests/support/world/supervised-process.ts'
import type { Done } from './carry-out.ts'
import type { Checked } from './check.ts'
import type { Crowd } from './clients/crowd.ts'
import type { BehindAnother } from './clients/positions.ts'
import type { ReaderFigures } from './clients/reader.ts'
import type { Finding, Findings } from './findings.ts'
import type { RunOptions } from './run.ts'

export type Counts = Readonly<Partial<Record<string, number>>>

export interface Report {
  readonly seed: string
  readonly minutes: number
  readonly log: string
  readonly commands: {
    readonly sent: number
    readonly acknowledged: number
    readonly byKind: Counts
    readonly requests: number
    readonly refusedClearly: Counts
    /** Requests that found nobody there. */
    readonly notSent: number
    /** Requests that may have been carried out, and had no answer. */
    readonly unknownRequests: number
    /** Commands that needed more than one request that was sent. */
    readonly resolvedByRepeating: number
    /** Submissions that were left as they are after a revision whose outcome was unknown for a while. */
    readonly frozen: number
    readonly unresolved: number
    /** From the first request to the acknowledgement. */
    readonly longestMs: number
    readonly longestRequestMs: number
    /** Looked up after they were acknowledged. */
    readonly readBack: number
  }
  readonly readers: ReaderFigures & {
    readonly positionsChecked: number
    readonly behindAnotherProcess: BehindAnother
  }
  readonly faults: {
    readonly hits: number
    readonly missed: number
    readonly byKind: Counts
    readonly byTarget: Counts
    readonly couldNotStart: Counts
  }
  readonly caughtUpMs: number | undefined
  readonly verified: string
  readonly findings: readonly Finding[]
  readonly findingCounts: Counts
}

interface Outcome {
  readonly ended: readonly EndedByItself[]
  readonly checked: Checked
  readonly findings: Findings
}

export function makeReport(
  { seed, minutes, log }: RunOptions,
  crowd: Crowd,
  { hits, missed }: Done,
  { ended, checked, findings }: Outcome,
): Report {
  const { figures, positions } = crowd
  return {
    seed,
    minutes,
    log,
    commands: commandsOf(crowd),
    readers: {
      ...figures,
      longestAnswerMs: Math.round(figures.longestAnswerMs),
      longestWithoutMs: Math.round(figures.longestWithoutMs),
      positionsChecked: positions.checked,
      behindAnotherProcess: positions.behindAnother,
    },
    faults: {
      hits: hits.length,
      missed,
      byKind: countBy(hits.map(({ kind }) => kind)),
      byTarget: countBy(hits.map(({ target }) => target)),
      couldNotStart: countBy(ended.filter(({ wasReady }) => !wasReady).map(({ name }) => name)),
    },
    caughtUpMs: checked.caughtUpMs === undefined ? undefined : Math.round(checked.caughtUpMs),
    verified: checked.verified,
    findings: findings.told,
    findingCounts: findings.counts,
  }
}

const commandsOf = ({ ledger }: Crowd): Report['commands'] => ({
  sent: ledger.commands.length,
  acknowledged: ledger.acknowledged,
  byKind: countBy(ledger.commands.map(({ kind }) => kind)),
  requests: ledger.attempts,
  refusedClearly: ledger.refused,
  notSent: ledger.notSent,
  unknownRequests: ledger.unknown,
  resolvedByRepeating: ledger.resolved,
  frozen: ledger.frozen,
  unresolved: ledger.unresolved.length,
  longestMs: Math.round(ledger.longestCommandMs),
  longestRequestMs: Math.round(ledger.longestAttemptMs),
  readBack: ledger.readBack,
})

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
