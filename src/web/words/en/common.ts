import { formatFor } from '../format.ts'
import { type Piece, rich } from '../rich.ts'

const { anyOf, choose, count } = formatFor('en')

/** What several pages say. */
export const common = {
  site: 'Tax budget',
  description:
    'Divide your tax money as you would spend it, and see it beside everyone’s and the actual budget.',
  skip: 'Skip to the content',
  pages: 'Pages',
  form: 'Your split',
  results: 'Results',
  trends: 'Trends',
  history: 'History',
  languages: 'Language',
  openPoll: 'An open poll, not a sample.',
  footPoll: 'An open poll, not a sample: it tells what the people who took part want.',
  footPrivacy: 'We keep each split and its time. No name, no address, nothing about your device.',
  mistakes: (number: number) =>
    choose(number, { one: 'Please check one thing', other: `Please check ${count(number)} things` }),
  category: 'Category',
  difference: 'Difference',
  meanOfAll: 'Mean of all',
  goToForm: 'Go to the form',
  goBack: 'Go back',
  seeResults: 'See the results',
  sources: 'Where the actual budgets come from',
  takeAway: 'Take the data away',
  takeAwayText: (position: string, files: readonly Piece[]) =>
    rich`Every submission that is counted here, without names or addresses, as it stood at position ${position}: ${anyOf(files)}. Everything on this page can be computed from it again.`,
}
