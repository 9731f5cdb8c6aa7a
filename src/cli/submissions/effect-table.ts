import type { ExclusionEffect, ExclusionNumbers } from '../../commands/exclusions.ts'
import { group } from '../progress.ts'
import { type Column, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const right = (title: string): Column => ({ title, align: 'right' })
const measures = ['mean', 'median', 'truthful'] as const

/** What an act does to the results, for people: before → after, in percent. */
export function effectTable({ before, after }: ExclusionEffect, style: Terminal['style']): string {
  const columns = [{ title: 'percent' }, ...measures.map(right)]
  const counts = (['counted', 'excluded'] as const).map(
    (name) => `${name} ${change(group(before[name]), group(after[name]))}`,
  )
  const rows = before.categories.map((category, index) => [
    category.label,
    ...measures.map((measure) =>
      change(percent(category[measure]), percent(after.categories[index]![measure])),
    ),
  ])
  return [counts.join(' · '), '', table(columns, rows, (text) => style('bold', text))].join('\n')
}

const change = (before: string, after: string): string => (before === after ? before : `${before} → ${after}`)

type Share = ExclusionNumbers['categories'][number]['mean']
const percent = (basisPoints: Share): string => (basisPoints === null ? '–' : (basisPoints / 100).toFixed(2))
