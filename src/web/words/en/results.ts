import type { Tier } from '../../../queries/results.ts'
import { formatFor } from '../format.ts'
import { link, moving, rich, strong, time } from '../rich.ts'

const { anyOf, choose, count, counted, dateTime, distance, part, percent, percent1, range } = formatFor('en')

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
  collectiveText: (how: string) =>
    rich`The bar is the ${strong('mean')} of all submissions: each counts the same. The diamond is the ${strong('truthful budget')}: the same submissions, put together so that nobody can bring the result nearer to what they want by asking for something else. ${link('How that works', how)}`,
  truthfulBudget: 'Truthful budget',
  chart: (number: number) =>
    `The mean of ${counted(number, submissions)} for each category, with the truthful budget. The table below has every number.`,
  chartWith: (number: number, baseline: string) =>
    `The mean of ${counted(number, submissions)} for each category, with the truthful budget and: ${baseline}. The table below has every number.`,
  contents: 'On this page',
  everyNumber: 'Every number, as a table',
  table: 'The collective budget in numbers',
  mean: 'Mean',
  truthful: 'Truthful',
  median: 'Median',
  middleHalf: 'Middle half',
  toTrends: 'How it moved over time: trends',
  rounding:
    'Means and truthful shares are rounded so that each column adds up to 100\u00a0%. Medians need not add up to anything: they answer each category for itself. The middle half leaves out the quarter that gives least and the quarter that gives most.',

  thanNowHeading: 'More, the same, or less than now',
  thanNowText:
    'For each category, how many submissions give it less than the actual budget does, exactly the same, and more. What it gets now stands at the right.',
  thanNowChart: (number: number, baseline: string) =>
    `${counted(number, submissions)}, divided into those that give less, the same and more than: ${baseline}. The table below has every number.`,
  thanNowTable: 'How many submissions give less, the same, and more',
  wants: { less: 'Less than now', same: 'The same', more: 'More than now' },
  part: (name: 'less' | 'same' | 'more', share: number) =>
    `${percent(share)} ${{ less: 'less', same: 'the same', more: 'more' }[name]}`,
  now: 'now',
  nowIs: (baseline: string) => `‘Now’ is: ${baseline}.`,

  spread: 'How far apart people are',
  apart: 'of the money would have to move to turn one submission into another, on average over all pairs.',
  aboutApart: '0\u00a0% would mean that all want the same; 100\u00a0%, that no two have anything in common.',
  mostApart: (most: string, ofMost: number, least: string, ofLeast: number) =>
    rich`They differ most on ${strong(most)}, by ${distance(ofMost)} percentage points on average, and least on ${strong(least)}, by ${distance(ofLeast)}.`,
  alone: 'There is one submission so far, and nobody to be apart from.',
  spreadText:
    'For each category, how many submissions give how much: the first column is nothing at all, each further one five percent. Below the columns, the box is the middle half with the median marked, and the line leaves out the lowest and the highest tenth.',
  nowInHistogram: (baseline: string) => `The dashed line, ‘now’, is: ${baseline}.`,
  averages: (mean: number, median: number) =>
    rich`Mean ${strong(percent1(mean))}, median ${strong(percent(median))}.`,
  quartiles: (p25: number, p75: number) =>
    p25 === p75 ? `The middle half gives ${percent(p25)}.` : `The middle half gives ${range(p25, p75)}.`,
  zeros: (number: number, of: number) =>
    choose(number, {
      one: `${count(number)}\u00a0gives nothing (${part(number / of)}).`,
      other: `${count(number)}\u00a0give nothing (${part(number / of)}).`,
    }),
  apartHere: (difference: number) => `Two submissions differ by ${distance(difference)} points on average.`,
  showTable: 'Table',
  tableFor: (category: string) => `Table for ${category}`,
  distribution: (category: string) => `Distribution of ${category}`,
  shareGiven: 'Share given',
  submissions: 'Submissions',
  quantiles: {
    p10: 'Lowest tenth up to',
    p25: 'Lowest quarter up to',
    median: 'Median',
    p75: 'Highest quarter from',
    p90: 'Highest tenth from',
  },
  slice: (from: number, to: number) => `above ${percent(from)} to ${percent(to)}`,
  histogram: (category: string) => `How many give how much to ${category}`,
  histogramText: (p25: number, p75: number, median: number) =>
    `Columns for nothing and for each five percent. The middle half of the submissions give ${percent(p25)} to ${percent(p75)}, the median is ${percent(median)}.`,

  bloc: 'What a bloc would do',
  blocText: (how: string) =>
    rich`Suppose that more people came, and all of them gave ${strong('everything to one category')}. This is what would become of each number. Anybody can move a mean by asking for more than they want. Nobody gains from that with the ${link('truthful budget', how)}; but it cannot tell those who exaggerate from those who really want nothing else, so it may move, too.`,
  blocSize: 'Size of the bloc, beside all who are counted now',
  noSuchBloc: (sizes: readonly number[]) =>
    `The size of a bloc is ${anyOf(sizes.map((size) => percent(size * 100))).join('')}.`,
  blocChart: (size: number) => `What a bloc of ${percent(size * 100)} would do, for each category`,
  blocDescription:
    'For each category the mean and the truthful budget move from what they are to what they would be. The numbers stand below them and in the table.',
  move: (now: number, after: number) => `${distance(now)} → ${percent1(after)}`,
  withBloc: 'with the bloc',
  aboutBloc:
    'Each line is a bloc of its own, which gives everything to that category. It counts to the fraction: as so many more submissions for every hundred that are counted.',

  stamp: (asOf: string, position: string, tier: Tier) =>
    rich`As of ${time(dateTime(asOf), asOf, 'asOf')}, position ${moving(position, 'position')}, from the ${tiers[tier]}.`,
  parked: (number: number) =>
    `${counted(number, { one: 'entry', other: 'entries' })} of the record could not be counted yet.`,
}
