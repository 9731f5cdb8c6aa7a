import { cpus } from 'node:os'
import { table } from '../src/cli/table.ts'
import type { Measured, Summary, Target } from './harness.ts'
import { loadGenerator } from './load.ts'
import type { Sizes } from './workbench.ts'

const columns = [
  { title: 'figure' },
  { title: 'measured', align: 'right' },
  { title: 'min–max', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '' },
  { title: 'sides (medians)' },
] as const

/** The figures for people. */
export const figuresTable = (figures: readonly Measured[]): string =>
  table(
    columns,
    figures.map(({ what, unit, median, min, max, target, met, sides }) => [
      what,
      withUnit(median, unit),
      `${rounded(min)}–${rounded(max)}`,
      withUnit(...describeTarget(target, unit)),
      met ? 'ok' : 'missed',
      sides.map(describeSide).join('; '),
    ]),
  )

/** The figures for programs, with what one has to know to compare them with others. */
export const figuresJson = async (figures: readonly Measured[], sizes: Sizes): Promise<string> =>
  JSON.stringify(
    {
      at: new Date().toISOString(),
      node: process.version,
      processors: { count: cpus().length, model: cpus()[0]?.model },
      loadGenerator: await loadGenerator,
      sizes,
      figures,
    },
    undefined,
    2,
  )

const describeTarget = (target: Target, unit: string): [string, string] =>
  'atLeast' in target ? [`≥ ${target.atLeast}`, unit] : [`≤ ${target.atMost}`, unit]

const describeSide = ({ name, unit, median }: Summary): string => `${name} ${withUnit(median, unit)}`

const withUnit = (value: number | string, unit: string): string =>
  `${typeof value === 'number' ? rounded(value) : value} ${unit}`.trimEnd()

/** Three digits are all that a shared machine can vouch for. */
const rounded = (value: number): string =>
  value >= 1000
    ? Number(value.toPrecision(3)).toLocaleString('en', { useGrouping: true })
    : String(Number(value.toPrecision(3)))
