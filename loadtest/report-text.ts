import { table } from '../src/cli/table.ts'
import type { LoadReport } from './report.ts'

const right = 'right' as const
const columns = [
  { title: 'ms since due' },
  ...['answered', 'failed', 'p50', 'p90', 'p95', 'p99', 'max', 'p95 at most'].map((title) => ({
    title,
    align: right,
  })),
  { title: '' },
]

const text = (value: number | null): string => (value === null ? '–' : value.toFixed(1))
const verdict = (met: boolean): string => (met ? 'met' : 'MISSED')

/** The report for people. */
export function reportText({ rate, kinds, errors, counting, ...report }: LoadReport): string {
  const rows = kinds.map(({ kind, answered, failed, p50, p90, p95, p99, max, target, met }) => [
    kind,
    ...[answered, failed].map(String),
    ...[p50, p90, p95, p99, max].map(text),
    String(target),
    verdict(met),
  ])
  const { acknowledged, unknown, counted, wrong } = counting
  return [
    table(columns, rows),
    '',
    `${report.url}, ${report.seconds} s, seed ${report.seed}`,
    `${rate.due}/s came due of ${rate.asked}/s asked for, ${rate.answered}/s were answered: ${verdict(rate.met)}`,
    `the test itself began ${text(report.ownLateness)} ms late at the 99th percentile`,
    `${acknowledged} submissions acknowledged (${unknown} without a known outcome), ${counted} more are counted, ${wrong} are not what was submitted: ${verdict(counting.met)}`,
    ...Object.entries(errors).map(([message, count]) => `${count} × ${message}`),
    report.met ? 'Every target is met.' : 'Not every target is met.',
  ].join('\n')
}
