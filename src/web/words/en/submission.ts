import { formatFor } from '../format.ts'
import { rich, time } from '../rich.ts'

const { counted, dateTime } = formatFor('en')

/** Whose page it is: its owner's, or somebody's. */
const yours = {
  heading: 'Your split, beside everyone’s',
  split: 'Your split',
  moved: 'Money you would move',
  chart: 'Your split for each category. The table below has every number.',
  chartWithMean: 'Your split for each category, with the mean of all. The table below has every number.',
  chartWithBaseline: (baseline: string) =>
    `Your split for each category, and: ${baseline}. The table below has every number.`,
  chartWithBoth: (baseline: string) =>
    `Your split for each category, with the mean of all, and: ${baseline}. The table below has every number.`,
  table: 'Your split in numbers',
}

const somebodys: typeof yours = {
  heading: 'One split, beside everyone’s',
  split: 'This split',
  moved: 'Money this split would move',
  chart: 'This split for each category. The table below has every number.',
  chartWithMean: 'This split for each category, with the mean of all. The table below has every number.',
  chartWithBaseline: (baseline) =>
    `This split for each category, and: ${baseline}. The table below has every number.`,
  chartWithBoth: (baseline) =>
    `This split for each category, with the mean of all, and: ${baseline}. The table below has every number.`,
  table: 'This split in numbers',
}

/** One submission beside everyone's. */
export const submission = {
  yours,
  somebodys,
  withdrawnHeading: 'A withdrawn submission',
  withdrawn:
    'This submission has been withdrawn by its owner: it no longer counts, and its split is no longer shown.',
  withdrawnThen:
    'This submission had been withdrawn by its owner: it no longer counted, and its split is not shown.',
  excluded: 'This submission has been set aside by an operator: it does not count at the moment.',
  excludedThen: 'This submission had been set aside by an operator: it did not count then.',
  thanks: 'Thank you: your split is stored and counts',
  aboutReceipt:
    'This is your receipt. It is the only proof that the submission is yours, and it is not shown to anybody else: copy it if you may want to change or withdraw from another device.',
  aboutReceiptClosed:
    'This is your receipt. It is the only proof that the submission is yours, and it is not shown to anybody else. The poll is closed: your split stays in its results, and you can no longer change or withdraw it.',
  receipt: 'Receipt:',
  remembered: 'This device remembers it; you find this page under History.',
  forgotten: 'This browser forgets it after an hour.',
  noResults: 'Everyone’s results cannot be read at the moment. Load this page again in a little while.',
  pending:
    'The results below are from just before this submission. Load the page again in a moment and it is in them.',
  comparedWith: (baseline: string) => `compared with: ${baseline}`,
  comparedWithMean: (number: number) =>
    `compared with: mean of ${counted(number, { one: 'submission', other: 'submissions' })}`,
  beside: 'Category by category',
  higherThan: 'Higher than',
  differences: 'Differences are in percentage points, to the column before.',
  aboutHigherThan:
    '‘Higher than’ is the part of all submissions that give the category less, with half of those that give it the same.',
  everyones: 'See everyone’s results',
  changeMind: 'Change your mind',
  change: 'Change this split',
  withdraw: 'Withdraw it',
  aboutWithdrawing:
    'A withdrawn submission stops to count, for good, and this page no longer shows its split. That it was withdrawn stays in the public counts, and what it was in the results and files of earlier moments.',
  withdrawForGood: 'Withdraw for good',
  isItYours: 'Is it yours? Change or withdraw it with the receipt',
  receiptField: 'Receipt',
  showOptions: 'Show my options',
  stamp: (id: string, instant: string) =>
    rich`Submission ${id}, first sent ${time(dateTime(instant), instant)}.`,
}
