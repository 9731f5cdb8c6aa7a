import { formatFor } from '../format.ts'
import { link, rich } from '../rich.ts'

const { count, percent } = formatFor('en')

/** The poll's grain, basis points. */
const grain = (step: number): string => (step === 100 ? 'whole percents' : `steps of ${percent(step)}`)

/** The form, new or to change a submission. */
export const form = {
  description: (categories: number) =>
    `Divide 100\u00a0% of your tax money over ${count(categories)} categories, and see your split beside everyone’s and the actual budget.`,
  pleaseCheck: (poll: string) => `Please check: ${poll}`,
  change: (poll: string) => `Change: ${poll}`,
  changeHeading: 'Change your split',
  changeLead: (back: string) =>
    rich`What you send now replaces what you sent before. ${link('Back without a change', back)}`,
  lead: (categories: number, step: number) =>
    `Divide 100\u00a0% of the money over ${count(categories)} categories, in ${grain(step)}. Leave empty what should get nothing.`,
  notStored: 'Not stored yet',
  notStoredText:
    'Your split could not be stored just now. Nothing you entered is lost: please submit again in a moment. It will be counted once, however often you send it.',
  asOfLastCheck: 'as of the last check',
  less: (category: string) => `Less for ${category}`,
  more: (category: string) => `More for ${category}`,
  remember: 'Remember on this device',
  aboutRemember:
    'Keeps a cookie with the number and receipt of your submission, so that you find it under History and can change it later.',
  submit: 'Submit my split',
  replace: 'Replace my split',

  closed: 'This poll is closed',
  closedText: (poll: string) =>
    `“${poll}” takes no more submissions. What was submitted while it was open stays in the results.`,
  alreadySent: 'You have already submitted this form',
  alreadySentText: [
    'It was stored with the shares of the first time; what you changed since then was not.',
    'You can change your submission on its own page, as long as this browser holds its receipt.',
  ],
  goToSubmission: 'Go to your submission',
  startAnew: 'Start a new form',

  outOfDate: 'This form was out of date. Please check it and submit it again.',
  repeated: (category: string) => `${category} was sent more than once.`,
  unknownCategory: (name: string) => `This poll has no category “${name}”.`,
  notANumber: (category: string, entered: string) =>
    `${category} needs a number such as 25, but “${entered}” was entered.`,
  negative: (category: string) => `${category} cannot be less than ${percent(0)}.`,
  tooLarge: (category: string) => `${category} cannot be more than ${percent(10_000)}.`,
  offStep: (category: string, step: number, lower: number) =>
    `${category} takes ${grain(step)} only: ${percent(lower)} or ${percent(lower + step)}.`,
  tooLittle: (sum: number) =>
    `The shares add up to ${percent(sum)}, not to ${percent(10_000)}: ${percent(10_000 - sum)} is still to be given out.`,
  tooMuch: (sum: number) =>
    `The shares add up to ${percent(sum)}, not to ${percent(10_000)}: that is ${percent(sum - 10_000)} too much.`,
  refused: 'The split could not be taken as it is. Please check every share.',

  /** What the form says while it is being filled in: for `public/form.js`, too. */
  script: {
    exact: 'Exactly {whole}: ready to submit',
    under: '{amount} still to give out',
    over: '{amount} too much',
    unclear: { one: 'One field needs correcting', other: '{count} fields need correcting' },
    steps: '{large}, with Shift {small}',
  },
}
