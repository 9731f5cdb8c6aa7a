import { formatFor } from '../format.ts'
import { link, rich } from '../rich.ts'

const { count, percent } = formatFor('en')

/** The poll's grain, basis points. */
const grain = (step: number): string => (step === 100 ? 'whole percents' : `steps of ${percent(step)}`)

interface Share {
  readonly label: string
  /** Basis points. */
  readonly share: number
}

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
    `Divide 100\u00a0% of the money over ${count(categories)} categories, in ${grain(step)}. Leave empty what should get nothing. The categories come in random order, another one for everybody.`,
  notStored: 'Not stored yet',
  notStoredText:
    'Your split could not be stored just now. Nothing you entered is lost: please submit again in a moment. It will be counted once, however often you send it.',
  asOfLastCheck: 'as of the last check',
  less: (category: string) => `Less for ${category}`,
  more: (category: string) => `More for ${category}`,
  remember: 'Remember on this device',
  aboutRemember:
    'Keeps a cookie with the number and receipt of your submission, so that you find it under History and can change it later.',
  review: 'Review my split',
  slider: 'Show sliders',
  undo: 'Undo',
  redo: 'Redo',
  reset: 'Start over',
  lock: (category: string) => `Lock ${category}`,
  split: 'Split the rest',
  aboutSplit:
    'Gives out what is left, when you ask for it. What is there already is kept, and locked categories get nothing.',
  equally: 'Equally',
  inProportion: 'In proportion',
  into: 'All into one category',
  allIntoIt: 'Give it all',
  before: (submission: string) =>
    rich`You have submitted a split here already: ${link('see it, change it or withdraw it', submission)}. What you submit now counts as another one.`,

  closed: 'This poll is closed',
  closedText: (poll: string) =>
    `“${poll}” takes no more submissions. What was submitted while it was open stays in the results.`,
  alreadySent: 'You have already submitted this form',
  alreadySentText: [
    'It was stored with the shares of the first time; what you changed since then was not.',
    'It counts once. You can change or withdraw it on its own page.',
  ],
  changeToThis: 'To count what you entered now instead, change your submission:',
  changeIt: 'Change it to this',
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
  tooMuch: (sum: number, largest: readonly Share[]) =>
    `The shares add up to ${percent(sum)}, not to ${percent(10_000)}: that is ${percent(sum - 10_000)} too much. Take it from what has most, say: ${largest.map(({ label, share }) => `${label} (${percent(share)})`).join(', ')}.`,
  changedMeanwhile:
    'This split has been changed since you opened this form, in another tab say. Please check it and send it again.',
  refused: 'The split could not be taken as it is. Please check every share.',

  /** What the form says while it is being filled in: for `public/form.js`, too. */
  script: {
    exact: 'Exactly {whole}: ready to submit',
    under: '{amount} still to give out',
    over: '{amount} too much',
    unclear: { one: 'One field needs correcting', other: '{count} fields need correcting' },
    steps: '{large}, with Shift {small}',
    slider: 'Slider for {category}',
    given: '{amount} given out. Undo takes it back.',
    nothingLeft: 'Nothing is left to split.',
    allLocked: 'Every category is locked. Unlock one first.',
    nothingThere: 'No unlocked category has anything yet, so there is no proportion to keep.',
    oneLocked: '{category} is locked. Unlock it or choose another one.',
    cleared: 'Every field is empty again. Undo brings everything back.',
    undone: 'Undone.',
    redone: 'Done again.',
    nothingToUndo: 'There is nothing to undo.',
    nothingToRedo: 'There is nothing to redo.',
    restored: 'What you had entered before is here again.',
    offline: 'You are offline; what you entered is kept. Go on when you are back.',
  },
}
