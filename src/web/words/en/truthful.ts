import { formatFor } from '../format.ts'
import type { ProseSection } from '../prose.ts'
import { link, rich, strong } from '../rich.ts'

const { percent1, percent } = formatFor('en')

/** Shares of the one category of the example, basis points: as three people want it, and what comes of it. */
interface Example {
  readonly wishes: readonly [ana: number, ben: number, cleo: number]
  readonly mean: number
  readonly truthful: number
  /** When Ana asks for everything. */
  readonly exaggerated: { readonly mean: number; readonly truthful: number }
  /** When Ben comes to want more. */
  readonly changed: { readonly wish: number; readonly truthful: number }
}

interface Places {
  readonly results: string
  readonly method: string
}

/** The truthful budget alone. */
export const truthful = {
  title: 'The truthful budget',
  description:
    'A collective budget that nobody can bring nearer to their wish by exaggerating: how it works.',
  heading: 'The truthful budget',
  lead: 'It puts the same submissions together so that nobody can bring the result nearer to what they want by asking for something else.',
  people: ['Ana', 'Ben', 'Cleo'],
  lineup: (category: string) => `Shares for ${category}, in a line`,
  lineupText: (middle: number) =>
    `Above the line what people ask for, below it the fixed marks. The middle one of all seven is at ${percent1(middle)}.`,
  category: 'parks',
  asks: 'asked for',
  fixed: 'fixed marks',
  middle: 'the middle one',
  sections: (
    { wishes: [ana, ben, cleo], mean, truthful, exaggerated, changed }: Example,
    { results, method }: Places,
  ): readonly ProseSection[] => [
    {
      id: 'mean',
      heading: 'What is wrong with a mean',
      blocks: [
        {
          text: rich`Three people divide money between parks and roads. Ana wants ${strong(percent(ana))} for parks, Ben ${percent(ben)}, Cleo ${percent(cleo)}. The mean is ${percent1(mean)}.`,
        },
        {
          text: rich`Now Ana asks for 100\u00a0%, which she does not want. The mean jumps to ${strong(percent1(exaggerated.mean))}, much nearer to the ${percent(ana)} that she does want. Whoever knows this exaggerates, and whoever is honest counts less.`,
        },
      ],
    },
    {
      id: 'how',
      heading: 'How it works',
      blocks: [
        {
          text: rich`Put what the three ask for in a line. Add fixed marks, one more than there are people, spread evenly from 0 to 100\u00a0%. Then take the one in the middle of all of them: with seven marks the fourth. That is ${strong(percent1(truthful))} for parks; roads get the rest.`,
        },
        { figure: 'honest' },
        {
          text: rich`When Ana asks for 100\u00a0%, her mark moves further to the right. It was right of the middle before, and still is: the middle one is the same, ${strong(percent1(exaggerated.truthful))}. She could move it only by crossing it, and that would take it further away from what she wants.`,
        },
        { figure: 'exaggerated' },
        {
          text: rich`With more than two categories each has a line of its own, and all have the same marks. These are pushed together or drawn apart, the same in every line, until the middles add up to 100\u00a0%.`,
        },
      ],
    },
    {
      id: 'who',
      heading: 'Who can move it, and who cannot',
      blocks: [
        {
          list: [
            rich`People who ${strong('change their mind')} can: if Ben came to want ${percent(changed.wish)} for parks, the result would be ${percent1(changed.truthful)}.`,
            rich`${strong('Numbers')} can: where everybody gives everything to one category, each gets as large a part as it has people. The mean gives the same then.`,
            rich`${strong('Exaggerating')} cannot help: whatever all the others do, nobody brings the result nearer to what they want by asking for something else. ‘Nearer’ means that less of the money would have to move.`,
          ],
        },
      ],
    },
    {
      id: 'limits',
      heading: 'What it does not promise',
      blocks: [
        {
          list: [
            rich`The promise is made to each person alone, not to people who arrange with each other what to ask for.`,
            rich`It cannot tell whether somebody takes part twice. That is what operators exclude submissions for, and their number is public.`,
            rich`A bloc of people who want nothing but one category counts, and may move it. How far, stands ${link('with the results', `${results}#bloc`)}.`,
            rich`It is not the budget that all together are nearest to. The paper below shows that none of its kind is that and proportional, too.`,
          ],
        },
      ],
    },
    {
      id: 'source',
      heading: 'Where it comes from',
      blocks: [
        {
          text: rich`It is the ‘independent markets’ mechanism of Rupert Freeman, David M. Pennock, Dominik Peters and Jennifer Wortman Vaughan, “Truthful aggregation of budget proposals”, Journal of Economic Theory 193 (2021), ${link('arXiv 1905.00457', 'https://arxiv.org/abs/1905.00457')}. The proofs are there.`,
        },
        {
          text: rich`We compute it exactly, from how many give how much, as a fraction. ${link('How to recount it, and every other number', `${method}#recount`)}`,
        },
      ],
    },
  ],
}
