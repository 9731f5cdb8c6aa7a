import type { CastSubmission } from '../../commands/submission-state.ts'
import { WHOLE } from '../../events/poll-events.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { type Comparison, compare } from '../../queries/comparison.ts'
import { roundToWhole } from '../../queries/round-to-whole.ts'
import { pollStatistics } from '../../queries/statistics.ts'
import type { Words } from '../words/words.ts'
import { type BarChart, barChart } from './charts.ts'
import type { LivePart } from './live-part.ts'
import type { MomentView } from './moment-form.ts'
import type { PollPage } from './poll-page.ts'

interface SubmissionRow {
  readonly id: string
  readonly label: string
  readonly colour: string
  readonly own: number
  /** Mean of all, rounded so that the column sums to 100 %. */
  readonly mean: number | undefined
  readonly aboveMean: number | undefined
  readonly baselines: readonly number[]
  /** Part of the submissions below one's own, 0 to 1. */
  readonly percentile: number | undefined
}

/** One submission beside everyone's and beside the actual budgets. */
export interface SubmissionView {
  readonly id: string
  /** Address of this page. */
  readonly path: string
  /** What it says of whose split it is. */
  readonly whose: Words['submission']['yours']
  readonly pollTitle: string
  readonly pollOpen: boolean
  readonly status: CastSubmission['status']
  readonly submittedAt: string
  /** The person before the screen holds the receipt. */
  readonly owner: boolean
  /** Shown to its owner. */
  readonly receipt: string | undefined
  readonly remembered: boolean
  /** Undefined while the results cannot be read. */
  readonly counted: number | undefined
  /** It is stored, but the results shown are from just before. */
  readonly pending: boolean
  readonly rows: readonly SubmissionRow[]
  readonly baselines: PollAggregate['definition']['baselines']
  readonly moneyToMove: { readonly mean: number | undefined; readonly baseline: number | undefined }
  readonly chart: BarChart
  /** Latest event in everyone's results, and where in the record they end; of the submission itself without them. */
  readonly asOf: string
  readonly position: string
  readonly moment: MomentView
  readonly live: LivePart | undefined
}

export interface SubmissionInput {
  readonly id: string
  readonly path: string
  readonly poll: PollPage
  readonly submission: CastSubmission
  readonly position: bigint
  readonly aggregate: PollAggregate | undefined
  readonly receipt: string | undefined
  readonly remembered: boolean
  readonly moment: MomentView
  readonly live: LivePart | undefined
}

/** Sets a submission beside the results; without them, beside the actual budgets alone. */
export function submissionView(input: SubmissionInput): SubmissionView {
  const { poll, submission, aggregate, receipt } = input
  const comparison = aggregate && compare(aggregate, submission.allocation)
  const rows = rowsOf(input, comparison)
  const [baseline] = poll.definition.baselines
  const owner = receipt !== undefined
  const { words, format } = poll.locale
  return {
    id: input.id,
    path: input.path,
    whose: owner ? words.submission.yours : words.submission.somebodys,
    pollTitle: poll.definition.title,
    pollOpen: poll.status === 'open',
    status: submission.status,
    submittedAt: submission.submittedAt,
    owner,
    receipt,
    remembered: input.remembered,
    counted: aggregate?.counted,
    pending: aggregate !== undefined && aggregate.position < input.position,
    rows,
    asOf: aggregate?.asOf ?? submission.submittedAt,
    position: String(aggregate?.position ?? input.position),
    moment: input.moment,
    live: input.live,
    baselines: poll.definition.baselines,
    moneyToMove: {
      mean: comparison?.moneyToMove.mean ?? undefined,
      baseline: baseline && comparison?.moneyToMove.baselines[baseline.id],
    },
    chart: barChart(
      rows.map(({ id, label, colour, own, mean, baselines }) => ({
        ...{ label, colour, text: format.percent(own), value: own },
        second: mean,
        live: { second: `${id}.mean` },
        line: baselines[0],
      })),
      poll.locale,
    ),
  }
}

function rowsOf(
  { poll, submission, aggregate }: SubmissionInput,
  comparison: Comparison | undefined,
): SubmissionRow[] {
  const { categories, baselines } = poll.definition
  const means = aggregate?.counted
    ? roundedShares(pollStatistics(aggregate).categories.map(({ sum }) => sum))
    : []
  return categories.map(({ id, label, colour }, index) => {
    const own = submission.allocation[id] ?? 0
    const shares = baselines.map((baseline) => baseline.shares[id] ?? 0)
    return {
      ...{ id, label, colour, own, mean: means[index], baselines: shares },
      aboveMean: comparison?.categories[index]?.aboveMean ?? undefined,
      percentile: comparison?.categories[index]?.percentile ?? undefined,
    }
  })
}

/** Shares in basis points, rounded to tenths of a percent that sum to 100 %. */
export const roundedShares = (shares: readonly number[]): number[] =>
  roundToWhole(shares, WHOLE / 10).map((tenths) => tenths * 10)
