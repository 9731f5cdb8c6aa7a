import { z } from 'zod'
import { Instant } from '../../events/poll-events.ts'
import type { ResultsOptions } from '../../queries/results.ts'
import { tiers } from '../../queries/results.ts'
import { resultsView } from '../../queries/results-view.ts'
import { command } from '../command.ts'
import { FINE, Misuse } from '../exit-codes.ts'
import { askResults } from './ask.ts'
import { resultsCsv } from './results-csv.ts'
import { resultsTable } from './results-table.ts'

export const showResults = command({
  name: 'results',
  operands: ['POLL'],
  summary: 'The collective budget, as a table, JSON or CSV',
  options: {
    'as-of': {
      type: 'string',
      value: 'TIME',
      help: 'as it stood then: 2026-11-23T10:00:00Z, or a day at its start, UTC (replay --to: at its end)',
    },
    position: {
      type: 'string',
      value: 'P',
      help: 'as it stood at this position of the log; with --as-of: what is in both',
    },
    tier: { type: 'string', value: tiers.join('|'), help: 'asks this tier and no other' },
    csv: { type: 'boolean', help: 'one line for each category; shares in basis points' },
  },
  details: 'JSON and CSV give shares in basis points (10000 = everything), the table in percent.',
  run: async (call) => {
    const { operands, values, terminal } = call
    if (values.csv && values.json) throw new Misuse('Choose one of --csv and --json.')
    const answer = await askResults(call, operands[0]!, resultsOptions(values))
    const view = resultsView(answer)
    if (values.json) terminal.print(JSON.stringify(view))
    else if (values.csv) terminal.print(resultsCsv(view))
    else terminal.print(resultsTable(view, answer.aggregate.definition, terminal.style))
    return FINE
  },
})

interface Given {
  readonly 'as-of': string | undefined
  readonly position: string | undefined
  readonly tier: string | undefined
}

/** What the options of a moment ask. @throws {Misuse} they are none */
export function resultsOptions({ 'as-of': asOf, position, tier }: Given): ResultsOptions {
  const chosen = tiers.find((name) => name === tier)
  if (tier !== undefined && !chosen)
    throw new Misuse(`--tier must be one of ${tiers.join(', ')}, not ${tier}.`)
  if (position !== undefined && !/^\d{1,19}$/.test(position))
    throw new Misuse(`--position must be a whole number, not ${position}.`)
  return {
    ...(chosen && { tier: chosen }),
    ...(position !== undefined && { position: BigInt(position) }),
    ...(asOf !== undefined && { asOf: readTime(asOf) }),
  }
}

const Time = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

function readTime(text: string): string {
  const date = Time.safeParse(text).success ? new Date(text).toISOString() : ''
  if (!Instant.safeParse(date).success)
    throw new Misuse(`--as-of must be a time like 2026-11-23T10:00:00Z, not ${text}.`)
  if (date > new Date().toISOString()) throw new Misuse('--as-of lies in the future.')
  if (Date.parse(date) < 0) throw new Misuse('--as-of lies before 1970.')
  return date
}
