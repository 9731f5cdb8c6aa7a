import { stringify } from 'csv-stringify/sync'
import { WHOLE } from '../../events/poll-events.ts'
import type { SubmissionRow } from '../../projections/submission-rows.ts'
import type { Encoder, ExportMoment, Rows, RowsSummary } from './encoder.ts'
import { columnOf } from './formats.ts'

/**
 * Pabulib's format (pabulib.org/format): each category is a project, each submission a cumulative vote of 10,000 points.
 * There is no category column, so that whoever reads the projects as categories gets the poll's own.
 * @param summary of the same rows: how many there are stands in front of them
 */
export const encodePb = (summary: RowsSummary): Encoder =>
  async function* (moment, rows) {
    yield Buffer.from(head(moment, summary))
    const ids = moment.definition.categories.map(({ id }) => columnOf(id))
    for await (const batch of rows) yield Buffer.from(batch.map((row) => vote(row, ids)).join(''), 'latin1')
  }

/** Counts the rows and finds when voting began and ended. */
export async function summariseRows(rows: Rows): Promise<RowsSummary> {
  let count = 0
  let first: string | undefined
  let last: string | undefined
  for await (const batch of rows) {
    count += batch.length
    for (const { submittedAt } of batch) {
      if (first === undefined || submittedAt < first) first = submittedAt
      if (last === undefined || submittedAt > last) last = submittedAt
    }
  }
  return { rows: count, firstSubmittedAt: first, lastSubmittedAt: last }
}

function head({ definition, position, asOf }: ExportMoment, summary: RowsSummary): string {
  const { poll, title, currency, categories } = definition
  const meta: (readonly [string, string | number])[] = [
    ['description', title],
    ['country', 'Worldwide'],
    ['unit', 'taxbudget'],
    ['instance', poll],
    ['num_projects', categories.length],
    ['num_votes', summary.rows],
    ['budget', WHOLE],
    ['vote_type', 'cumulative'],
    ['rule', 'unknown'],
    ['date_begin', day(summary.firstSubmittedAt ?? asOf)],
    ['date_end', day(summary.lastSubmittedAt ?? asOf)],
    ['min_length', 1],
    ['max_length', categories.length],
    ['min_sum_points', WHOLE],
    ['max_sum_points', WHOLE],
    ...(currency === undefined ? [] : [['currency', currency] as const]),
    ['comment', `taxbudget poll=${poll} position=${position} as_of=${asOf}`],
  ]
  const projects = categories.map(({ id, label }) => [columnOf(id), WHOLE, label])
  return [
    'META\n',
    records([['key', 'value'], ...meta]),
    'PROJECTS\n',
    records([['project_id', 'cost', 'name'], ...projects]),
    'VOTES\nvoter_id;vote;points\n',
  ].join('')
}

/** Quoted where it must be. What begins like a formula gets an apostrophe: spreadsheets open these files, too. */
const records = (rows: readonly (readonly (string | number)[])[]): string =>
  stringify(rows as (string | number)[][], {
    delimiter: ';',
    escape_formulas: true,
    record_delimiter: 'unix',
  })

/** Pabulib writes 31.12.2026. */
const day = (instant: string): string => instant.slice(0, 10).split('-').reverse().join('.')

function vote({ pseudonym, shares }: SubmissionRow, ids: readonly string[]): string {
  let projects = ''
  let points = ''
  for (const [index, share] of shares.entries()) {
    if (share === 0) continue
    projects += projects === '' ? ids[index] : `,${ids[index]}`
    points += points === '' ? share : `,${share}`
  }
  return `${pseudonym};${projects};${points}\n`
}
