import type { Tier } from '../../../queries/results.ts'
import { formatFor } from '../format.ts'
import { rich, strong, time } from '../rich.ts'

const { choose, count, counted, dateTime, percent, percent1 } = formatFor('en')

const submissions = { one: 'submission', other: 'submissions' }
const tiers: Readonly<Record<Tier, string>> = {
  snapshot: 'snapshot',
  projection: 'projection',
  replay: 'replay',
}

/** The collective budget. */
export const results = {
  title: (poll: string) => `Results: ${poll}`,
  description: (poll: string) =>
    `What everyone who took part would spend, together, beside the actual budget: ${poll}`,
  heading: 'What everyone would spend, together',
  closed: 'This poll is closed. These results are final, unless an operator sets submissions aside.',
  counted: 'Submissions counted',
  withdrawn: 'Withdrawn by their owners',
  excluded: 'Excluded by an operator',
  caveat: rich`${strong('An open poll, not a sample.')} Anyone may take part, so this tells what those who did want, and not what the whole country wants.`,
  nobodyYet: 'Nobody is counted yet',
  nobodyThen: 'Nobody was counted then',
  appears: 'The collective budget appears with the first submission.',
  beTheFirst: 'Be the first',

  collective: 'The collective budget',
  collectiveText: rich`The bar is the ${strong('mean')} of all submissions. The diamond is the ${strong('truthful budget')}: the same submissions, put together in such a way that nobody can pull the outcome towards their wish by exaggerating. Where the two are far apart, one-sided submissions move the mean.`,
  truthfulBudget: 'Truthful budget',
  chart: (number: number) =>
    `The mean of ${counted(number, submissions)} for each category, with the truthful budget. The table below has every number.`,
  chartWith: (number: number, baseline: string) =>
    `The mean of ${counted(number, submissions)} for each category, with the truthful budget and: ${baseline}. The table below has every number.`,
  table: 'The collective budget in numbers',
  mean: 'Mean',
  truthful: 'Truthful',
  median: 'Median',
  middleHalf: 'Middle half',
  toTrends: 'How it moved over time: trends',
  rounding:
    'Means and truthful shares are rounded so that each column adds up to 100\u00a0%. Medians need not add up to anything: they answer each category for itself. The middle half leaves out the quarter that gives least and the quarter that gives most.',

  spread: 'How far apart people are',
  spreadText:
    'For each category, how many submissions give how much: the first column is nothing at all, each further one five percent. Below the columns, the box is the middle half with the median marked, and the line leaves out the lowest and the highest tenth.',
  nowIs: (baseline: string) => `‘Now’ is: ${baseline}.`,
  averages: (mean: number, median: number) =>
    rich`Mean ${strong(percent1(mean))}, median ${strong(percent(median))}.`,
  zeros: (number: number) =>
    choose(number, {
      one: `${count(number)}\u00a0gives nothing.`,
      other: `${count(number)}\u00a0give nothing.`,
    }),
  thanNow: (now: number, more: number, same: number, less: number) =>
    choose(more, {
      one: `Than now (${percent1(now)}): ${count(more)}\u00a0wants more, ${count(same)} the same, ${count(less)} less.`,
      other: `Than now (${percent1(now)}): ${count(more)}\u00a0want more, ${count(same)} the same, ${count(less)} less.`,
    }),
  showTable: 'Table',
  tableFor: (category: string) => `Table for ${category}`,
  distribution: (category: string) => `Distribution of ${category}`,
  shareGiven: 'Share given',
  submissions: 'Submissions',
  lowestTenth: 'Lowest tenth up to',
  highestTenth: 'Highest tenth from',
  slice: (from: number, to: number) => `above ${percent(from)} to ${percent(to)}`,
  histogram: (category: string) => `How many give how much to ${category}`,
  histogramText: (p25: number, p75: number, median: number) =>
    `Columns for nothing and for each five percent. The middle half of the submissions give ${percent(p25)} to ${percent(p75)}, the median is ${percent(median)}.`,

  stamp: (asOf: string, position: string, tier: Tier) =>
    rich`As of ${time(dateTime(asOf), asOf)}, position ${position}, from the ${tiers[tier]}.`,
  parked: (number: number) =>
    `${counted(number, { one: 'entry', other: 'entries' })} of the record could not be counted yet.`,
}
