import { formatFor } from '../format.ts'

const { counted, percent } = formatFor('en')

/** One submission among all of them. */
export const comparison = {
  aboutMoving:
    'How much of the money would have to change categories to turn one into the other: 0\u00a0% is the same split, 100\u00a0% one that has nothing in common with it.',
  yours: {
    heading: 'Where you stand',
    text: 'For each category, how many of all submissions give it less than you do, the same, and more. Yours is among those that give the same once it is counted.',
  },
  somebodys: {
    heading: 'Where this split stands',
    text: 'For each category, how many of all submissions give it less than this one does, the same, and more. This one is among those that give the same once it is counted.',
  },
  give: { less: 'Give less', same: 'Give the same', more: 'Give more' },
  part: (name: 'less' | 'same' | 'more', share: number) =>
    ({
      less: `${percent(share)} give less`,
      same: `${percent(share)} the same`,
      more: `${percent(share)} give more`,
    })[name],
  /** @param percentile part of all below, 0 to 1, ties counted half */
  place: (percentile: number): string => {
    if (percentile >= 0.9) return 'near the top'
    if (percentile >= 0.6) return 'above most'
    if (percentile > 0.4) return 'in the middle'
    return percentile > 0.1 ? 'below most' : 'near the bottom'
  },
  standing: 'In words',
  chart: (number: number) =>
    `${counted(number, { one: 'submission', other: 'submissions' })}, divided into those that give less, the same and more. The table below has every number.`,
  table: 'How many give less, the same, and more',
}
