import type { BehindAnother } from './clients/positions.ts'
import type { ReaderFigures } from './clients/reader.ts'
import type { Finding } from './findings.ts'

type Counts = Readonly<Partial<Record<string, number>>>

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

const list = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const behindText = ({ count, longestMs, longest }: BehindAnother): string =>
  count === 0 ? 'never' : `${count} times, by ${seconds(longestMs)} at most: ${longest}`

export function reportText({ commands, readers, faults, ...report }: Report): string {
  const rows: [string, string][] = [
    ['run', `${report.minutes} min, seed ${report.seed}, log ${report.log}`],
    ['commands sent', `${commands.sent} (${list(commands.byKind)}) in ${commands.requests} requests`],
    ['acknowledged', `${commands.acknowledged}, ${commands.readBack} of them looked up afterwards`],
    ['refused with a clear error', list(commands.refusedClearly)],
    ['found nobody there', `${commands.notSent} requests`],
    ['no answer', `${commands.unknownRequests} requests`],
    [
      'resolved by repeating',
      `${commands.resolvedByRepeating} commands, ${commands.frozen} of them revisions`,
    ],
    ['never answered', String(commands.unresolved)],
    [
      'longest submission',
      `${seconds(commands.longestMs)}; one request ${seconds(commands.longestRequestMs)}`,
    ],
    ['faults', `${faults.hits} (${list(faults.byKind)}), ${faults.missed} passed over`],
    ['  by target', list(faults.byTarget)],
    ['  could not start at once', list(faults.couldNotStart)],
    ['results asked for', `${readers.asked}, answered ${readers.answered} (${list(readers.byTier)})`],
    ['  refused with a clear error', list(readers.refused)],
    ['  connections broken', String(readers.broken)],
    ['  longest answer', seconds(readers.longestAnswerMs)],
    ['  longest without one', seconds(readers.longestWithoutMs)],
    ['positions checked', String(readers.positionsChecked)],
    ['  behind another process', behindText(readers.behindAnotherProcess)],
    ['caught up after', report.caughtUpMs === undefined ? 'never' : seconds(report.caughtUpMs)],
    ['verify', report.verified],
    ['findings', list(report.findingCounts)],
    ...report.findings.map(({ at, what, detail }): [string, string] => [
      `  at ${at} s`,
      `${what}: ${detail}`,
    ]),
  ]
  return rows.map(([name, value]) => `${name.padEnd(30)}${value}`).join('\n')
}
