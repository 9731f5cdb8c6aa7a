import type { BehindAnother } from './clients/positions.ts'
import type { Counts, Report } from './report.ts'

const list = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const behindText = ({ count, longestMs, longest }: BehindAnother): string =>
  count === 0 ? 'never' : `${count} times, by ${seconds(longestMs)} at most: ${longest}`

/** The report for people. */
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
