import type { BlocSize } from '../../../queries/bloc.ts'
import { formatFor } from '../format.ts'
import type { ProseSection } from '../prose.ts'
import { link, rich, strong } from '../rich.ts'

const { anyOf, percent } = formatFor('en')

interface Places {
  readonly results: string
  readonly truthful: string
  readonly privacy: string
  /** What to write into a terminal: to fetch the rows, to average one category, to recount everything. */
  readonly fetch: readonly string[]
  readonly average: readonly string[]
  readonly recount: readonly string[]
  readonly blocs: readonly BlocSize[]
}

/** How the numbers are made. */
export const method = {
  title: 'Method',
  description: 'How the numbers of this poll are made, and how to recount every one of them.',
  heading: 'How the numbers are made',
  lead: 'Every number on these pages follows from the submissions by a rule that you can read here, and check.',
  sections: (places: Places): readonly ProseSection[] => [
    {
      id: 'sample',
      heading: 'An open poll, not a sample',
      blocks: [
        {
          text: rich`Anybody may take part, and nobody was drawn by lot. The results tell what the people who took part want. They do not tell what a whole country wants, however many take part, so you will find no ‘margin of error’ here: it would claim a precision that an open poll does not have.`,
        },
      ],
    },
    {
      id: 'counted',
      heading: 'What is counted',
      blocks: [
        {
          text: rich`A submission divides 100\u00a0% of the money over the categories. Each one that stands counts the same, with its latest split. Whoever has its receipt may change it, or withdraw it for good.`,
        },
        {
          text: rich`An operator may exclude a submission that is a duplicate, automated, a test, or part of a coordinated flood, and may take it back in. Excluded and withdrawn submissions count nowhere, also not in the past that they were part of. How many there are of both is always shown beside the results.`,
        },
      ],
    },
    {
      id: 'collective',
      heading: 'The collective budget',
      blocks: [
        {
          list: [
            rich`The ${strong('mean')} is the headline: everything that all give to a category, divided by their number. The means of all categories add up to 100\u00a0%.`,
            rich`The ${strong('truthful budget')} stands beside it: the same submissions, put together so that nobody gains by exaggerating. ${link('How that works', places.truthful)}`,
            rich`The ${strong('median')} lies in the middle: as many give more as give less. Each category is asked for itself, so medians need not add up to anything, and are no budget.`,
            rich`${strong('Quarters and tenths')}: the smallest share that at least so many of all do not exceed. The middle half lies between the lowest and the highest quarter. How many give nothing is told apart, because a share of nothing is an opinion of its own.`,
            rich`${strong('Less, the same, more')}: submissions below, at and above the share in the latest actual budget. Sources stand ${link('below the results', `${places.results}#sources`)}.`,
          ],
        },
      ],
    },
    {
      id: 'apart',
      heading: 'How far apart people are',
      blocks: [
        {
          text: rich`Take two submissions. Some of the money would have to change categories to turn one into the other: that part, from 0 to 100\u00a0%, is their distance. We take the average over all pairs of two different submissions, exactly. For one category it is the average difference of two shares (Gini’s mean difference); half of what all categories add up to is the whole (Rao’s quadratic entropy).`,
        },
        {
          text: rich`The same measure, between your own split and everyone’s mean or the actual budget, is the ‘money you would move’ on your own page.`,
        },
      ],
    },
    {
      id: 'bloc',
      heading: 'What a bloc would do',
      blocks: [
        {
          text: rich`We add ${anyOf(places.blocs.map((size) => percent(size * 100)))} more submissions to those that are counted, all of which give everything to one category, and compute each number of that category again; then the same for the next one. Nothing is estimated.`,
        },
      ],
    },
    {
      id: 'own',
      heading: 'Where you stand',
      blocks: [
        {
          text: rich`For each category: how many of all submissions give less than yours, the same, and more. ‘Higher than’ is the part that gives less, with half of those that give the same. From 90\u00a0% on we call it ‘near the top’, from 60\u00a0% ‘above most’, up to 40\u00a0% ‘below most’, up to 10\u00a0% ‘near the bottom’, else ‘in the middle’.`,
        },
      ],
    },
    {
      id: 'exact',
      heading: 'Exact, and of one moment',
      blocks: [
        {
          text: rich`Every submission, change and withdrawal is an entry in a record that only grows. Numbers are counted as whole hundredths of a percent and are rounded only to be shown. Each page says up to which position of the record it counts, and has a permanent link that always shows these very numbers.`,
        },
      ],
    },
    {
      id: 'recount',
      heading: 'Recount them yourself',
      blocks: [
        {
          text: rich`Everybody may have the rows behind the results, without anything that leads to a person (${link('what they hold', places.privacy)}). This fetches those of the results of now:`,
        },
        { code: places.fetch },
        {
          text: rich`With nothing of ours: the mean of the first category, in percent.`,
        },
        { code: places.average },
        {
          text: rich`With this program’s own source code, every published number is computed anew from the file alone, and compared with what this service publishes:`,
        },
        { code: places.recount },
      ],
    },
  ],
}
