import type { CastSubmission } from '../../commands/submission-state.ts'
import { WHOLE } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { type Comparison, compare, moneyToMove } from '../../queries/comparison.ts'
import type { Split } from '../../queries/distribution.ts'
import { roundToWhole } from '../../queries/round-to-whole.ts'
import { pollStatistics } from '../../queries/statistics.ts'
import type { Locale } from '../locale.ts'
import type { Words } from '../words/words.ts'
import { type BarChart, barChart, type Mark } from './charts.ts'
import type { LivePart } from './live-part.ts'
import type { MomentView } from './moment-form.ts'
import type { PollPage } from './poll-page.ts'
import type { ShareBlock } from './sharing/share-block.ts'
import { type SplitChart, splitChart } from './split-chart.ts'

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
  /** How many submissions give the category less than this one, the same, and more. */
  readonly split: Split | undefined
}

/** One submission beside everyone's and beside the actual budgets. */
export interface SubmissionView {
  readonly id: string
  /** Address of this page. */
  readonly path: string
  readonly heading: string
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
  /** Absolute address by which its owner changes or withdraws it from anywhere. */
  readonly privateLink: string | undefined
  /** For its owner, to withdraw it as it stands. */
  readonly withdrawToken: string | undefined
  readonly remembered: boolean
  /** Undefined while the results cannot be read. */
  readonly counted: number | undefined
  /** It is stored, but the results shown are from just before. */
  readonly pending: boolean
  readonly rows: readonly SubmissionRow[]
  readonly baselines: PollAggregate['definition']['baselines']
  /** Parts of one's money, 0 to 1, that would go elsewhere in the mean of all and in each actual budget. */
  readonly moneyToMove: {
    readonly mean: number | undefined
    readonly baselines: readonly { readonly label: string; readonly share: number }[]
  }
  readonly chart: BarChart
  /** Where one stands among all; undefined while nobody is counted. */
  readonly places: SplitChart | undefined
  /** Latest event in everyone's results, and where in the record they end; of the submission itself without them. */
  readonly asOf: string
  readonly position: string
  readonly moment: MomentView
  /** Of a split that counts, as it is now. */
  readonly share: ShareBlock | undefined
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
  readonly privateLink: string | undefined
  readonly withdrawToken: string
  readonly remembered: boolean
  readonly moment: MomentView
  readonly share: ShareBlock | undefined
  readonly live: LivePart | undefined
}

/** Sets a submission beside the results; without them, beside the actual budgets alone. */
export function submissionView(input: SubmissionInput): SubmissionView {
  const { poll, submission, aggregate, receipt } = input
  const comparison = aggregate && compare(aggregate, submission.allocation)
  const rows = rowsOf(input, comparison)
  const { baselines } = poll.definition
  const owner = receipt !== undefined
  const { words } = poll.locale
  const whose = owner ? words.submission.yours : words.submission.somebodys
  return {
    id: input.id,
    path: input.path,
    heading: submission.status === 'withdrawn' ? words.submission.withdrawnHeading : whose.heading,
    whose,
    pollTitle: poll.definition.title,
    pollOpen: poll.status === 'open',
    status: submission.status,
    submittedAt: submission.submittedAt,
    owner,
    receipt,
    privateLink: input.privateLink,
    withdrawToken: owner ? input.withdrawToken : undefined,
    remembered: input.remembered,
    counted: aggregate?.counted,
    pending: aggregate !== undefined && aggregate.position < input.position,
    rows,
    asOf: aggregate?.asOf ?? submission.submittedAt,
    position: String(aggregate?.position ?? input.position),
    moment: input.moment,
    share: input.share,
    live: input.live,
    baselines,
    moneyToMove: {
      mean: comparison?.moneyToMove.mean ?? undefined,
      baselines: baselines.map(({ label, shares }) => ({
        label,
        share: moneyToMove(ownOf(input), inOrder(poll, shares)),
      })),
    },
    chart: ownChart(rows, poll.locale),
    places: placesOf(rows, words),
  }
}

function ownChart(rows: readonly SubmissionRow[], locale: Locale): BarChart {
  const label = (mark: Mark, share: number | undefined) =>
    share === undefined ? [] : [{ mark, text: locale.format.percent1(share) }]
  return barChart(
    rows.map(({ id, label: name, colour, own, mean, baselines: [line, dotted] }) => ({
      ...{ id, label: name, colour, text: locale.format.percent(own), value: own },
      ...{ second: mean, line, dotted },
      live: { second: `${id}.mean` },
      labels: [...label('second', mean), ...label('line', line), ...label('dotted', dotted)],
    })),
    locale,
  )
}

function placesOf(rows: readonly SubmissionRow[], { comparison }: Words): SplitChart | undefined {
  const placed = rows.flatMap(({ id, label, split, percentile }) =>
    split === undefined || percentile === undefined
      ? []
      : [{ id, label, split, text: comparison.place(percentile) }],
  )
  return placed.length === 0 ? undefined : splitChart(placed)
}

const inOrder = ({ definition }: PollPage, shares: Allocation): number[] =>
  definition.categories.map(({ id }) => shares[id] ?? 0)

const ownOf = ({ poll, submission }: SubmissionInput): number[] => inOrder(poll, submission.allocation)

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
      split: comparison?.categories[index]?.split,
    }
  })
}

/** Shares in basis points, rounded to tenths of a percent that sum to 100 %. */
export const roundedShares = (shares: readonly number[]): number[] =>
  roundToWhole(shares, WHOLE / 10).map((tenths) => tenths * 10)
