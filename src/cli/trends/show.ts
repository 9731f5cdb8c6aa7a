import { bucketKinds } from '../../queries/calendar.ts'
import { trendsCsv } from '../../queries/trends-csv.ts'
import { readTrends, trendsDetails, trendsViews } from '../../queries/trends-request.ts'
import { trendsView } from '../../queries/trends-view.ts'
import { command } from '../command.ts'
import { FINE, Misuse } from '../exit-codes.ts'
import { askedWell, asMisuse } from './asked-well.ts'
import { trendsTable } from './trends-table.ts'

export const showTrends = command({
  name: 'trends',
  operands: ['POLL'],
  summary: 'How the collective budget moved, as a table, JSON or CSV',
  options: {
    bucket: {
      type: 'string',
      value: bucketKinds.join('|'),
      help: 'weeks begin on Monday; unset: what suits',
    },
    from: {
      type: 'string',
      value: 'TIME',
      help: 'a day, 2026-11-23, or a time; unset: the first submission',
    },
    to: { type: 'string', value: 'TIME', help: 'to the end of a day, or up to a time; unset: now' },
    tz: { type: 'string', value: 'ZONE', help: 'time zone of the IANA database; unset: UTC' },
    view: {
      type: 'string',
      value: trendsViews.join('|'),
      help: 'what is wanted by those who took part in each bucket (unset), or by all until its end',
    },
    detail: {
      type: 'string',
      value: trendsDetails.join('|'),
      help: 'full: medians, quantiles and truthful budgets too, in JSON and CSV',
    },
    csv: { type: 'boolean', help: 'one line for each bucket; shares in basis points' },
  },
  details:
    'JSON and CSV give shares in basis points (10000 = everything), the table in percent. Buckets are whole: the first holds --from, the last what is just before --to.',
  run: async (call) => {
    const { operands, values, terminal, signal } = call
    const { csv, json, ...words } = values
    if (csv && json) throw new Misuse('Choose one of --csv and --json.')
    const given = Object.entries(words).filter(([, word]) => word !== undefined)
    const request = askedWell(() => readTrends(Object.fromEntries(given)))
    const { trends, trendsCaughtUp } = await call.services()
    await trendsCaughtUp(call)
    const sums = await trends.trends(operands[0]!, request, signal).catch(asMisuse)
    const answer = request.detail === 'full' ? await trends.detailed(sums, signal).catch(asMisuse) : sums
    if (json) terminal.print(JSON.stringify(trendsView(answer)))
    else if (csv) terminal.print(trendsCsv(answer).trimEnd())
    else terminal.print(trendsTable(answer, terminal.style))
    return FINE
  },
})
