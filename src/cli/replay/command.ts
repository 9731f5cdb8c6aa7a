import { bucketKinds, startOfDay } from '../../queries/calendar.ts'
import { notLaterThan } from '../../queries/past/past-results.ts'
import type { ReplayedRanges } from '../../queries/ranges/replay-in-ranges.ts'
import { resultsView } from '../../queries/results-view.ts'
import { TrendsQuery } from '../../queries/trends.ts'
import { trendsCsv } from '../../queries/trends-csv.ts'
import { endOf, readTrends, type TrendsRequest, trendsViews } from '../../queries/trends-request.ts'
import { trendsView } from '../../queries/trends-view.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { group } from '../progress.ts'
import { resultsCsv } from '../results/results-csv.ts'
import { resultsTable } from '../results/results-table.ts'
import { askedWell, asMisuse } from '../trends/asked-well.ts'
import { trendsTable } from '../trends/trends-table.ts'
import { runReplay } from './run-replay.ts'

/** Parked events are told up to so many; --json has them all. */
const TOLD = 10

export const replayPoll = command({
  name: 'replay',
  operands: ['POLL'],
  summary: 'Recomputes results, or trends, from the log itself, event by event',
  options: {
    from: { type: 'string', value: 'TIME', help: 'trends from this day, 2026-11-23, or time on' },
    to: {
      type: 'string',
      value: 'TIME',
      help: 'to the end of this day (--as-of elsewhere: its start), or up to this time; unset: everything',
    },
    bucket: { type: 'string', value: bucketKinds.join('|'), help: 'trends by this, as `trends` gives them' },
    tz: { type: 'string', value: 'ZONE', help: 'time zone of the IANA database; unset: UTC' },
    view: { type: 'string', value: trendsViews.join('|'), help: 'of trends; unset: period' },
    csv: { type: 'boolean', help: 'shares in basis points' },
    jobs: {
      type: 'string',
      value: 'N',
      help: 'parts of the log at the same time, on all processors; unset: on half of them',
    },
    resume: { type: 'string', value: 'FILE', help: 'keeps what is done in FILE, and goes on from it' },
  },
  details:
    'Without --bucket and --from: the results as they stood at --to, or stand. Nothing that is stored is used: it proves what is served. It lets everything else on the machine go first, and leaves half of the processors alone. Stopped half-way, it says how to go on.',
  run: async (call) => {
    const { values, operands, terminal } = call
    if (values.csv && values.json) throw new Misuse('Choose one of --csv and --json.')
    const jobs = readJobs(values.jobs)
    const { from, to, bucket, tz, view } = values
    const given = Object.entries({ from, to, bucket, tz, view }).filter(([, word]) => word !== undefined)
    const request = askedWell(() => readTrends(Object.fromEntries(given)))
    const periods = from !== undefined || bucket !== undefined
    if (!periods && view !== undefined) throw new Misuse('--view is of trends: give --bucket, too.')
    const asOf = periods ? undefined : momentBefore(request)
    const poll = operands[0]!
    const replayed = await runReplay(call, { poll, asOf, periods, jobs, resume: values.resume })
    if (!replayed) return FAILED
    await (periods ? printTrends(call, replayed, request) : printResults(call, replayed, asOf))
    tellOfParked(terminal, replayed)
    return FINE
  },
})

type Asked = Pick<Call, 'terminal'> & { readonly values: { readonly csv: boolean; readonly json: boolean } }

function printResults({ values, terminal }: Asked, replayed: ReplayedRanges, asOf: string | undefined): void {
  const aggregate = notLaterThan(asOf, replayed.poll)
  const view = resultsView({ tier: 'replay', aggregate })
  if (values.json) terminal.print(json({ ...view, replay: about(replayed) }))
  else if (values.csv) terminal.print(resultsCsv(view))
  else terminal.print(resultsTable(view, aggregate.definition, terminal.style))
}

/** The same as `trends`, of what this replay has added up. */
async function printTrends(
  { values, terminal }: Asked,
  replayed: ReplayedRanges,
  request: TrendsRequest,
): Promise<void> {
  const { definition, status } = replayed.poll
  const query = new TrendsQuery({
    periods: replayed.periods,
    results: { poll: async () => ({ definition, status }) },
    now: () => new Date(),
  })
  const trends = {
    ...(await query.trends(definition.poll, request).catch(asMisuse)),
    ...{ tier: 'replay' as const, asOf: replayed.poll.asOf, parked: replayed.poll.parked },
  }
  if (values.json) terminal.print(json({ ...trendsView(trends), replay: about(replayed) }))
  else if (values.csv) terminal.print(trendsCsv(trends).trimEnd())
  else terminal.print(trendsTable(trends, terminal.style))
}

const about = ({ events, again, parked }: ReplayedRanges) => ({ events, again, parked })

const json = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))

function tellOfParked({ say, warn }: Call['terminal'], { parked, again }: ReplayedRanges): void {
  if (again > 0)
    say(
      `${group(again)} parts of the log were folded a second time, in order: they take back what was not there.`,
    )
  if (parked.length === 0) return
  warn(`${group(parked.length)} events are parked, here and wherever they are folded:`)
  for (const { position, type, error } of parked.slice(0, TOLD)) warn(`  ${position} ${type}: ${error}`)
  if (parked.length > TOLD) warn(`  and ${group(parked.length - TOLD)} more; --json tells all`)
}

/** The last moment before --to, ISO 8601; undefined: everything. */
function momentBefore(request: TrendsRequest): string | undefined {
  if (!request.to) return undefined
  const to = endOf(request.to, request.zone)
  const present = Date.now()
  const isToday = 'day' in request.to && startOfDay(request.zone, request.to.day) <= present
  if (to > present && !isToday) throw new Misuse('--to lies in the future.')
  return to >= present ? undefined : new Date(to - 1).toISOString()
}

function readJobs(jobs: string | undefined): number | undefined {
  if (jobs === undefined) return undefined
  if (!/^[1-9]\d?$/.test(jobs)) throw new Misuse(`--jobs must be a number from 1 to 99, not ${jobs}.`)
  return Number(jobs)
}
