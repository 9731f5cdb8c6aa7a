import { link, rich } from '../rich.ts'

/** A split once more before it is sent. */
export const review = {
  title: (poll: string) => `Review: ${poll}`,
  heading: 'Review your split',
  lead: 'Nothing has been sent yet. What everyone else wants you see after submitting, not before.',
  revisionHeading: 'Review your change',
  revisionLead: (back: string) => rich`Nothing has been changed yet. ${link('Back without a change', back)}`,
  split: 'Your split',
  chart: 'Your split for each category. The table below has every number.',
  chartWith: (baseline: string) =>
    `Your split for each category, and: ${baseline}. The table below has every number.`,
  table: 'Your split in numbers',
  wouldMove: (part: string, baseline: string) => `${baseline}: you would move ${part} of that money.`,
  differences: 'Differences are in percentage points.',
  remembered: 'This device will remember your submission.',
  submit: 'Submit my split',
  replace: 'Replace my split',
  change: 'Change it',

  /** For `public/review.js`. */
  script: {
    sending: 'Sending…',
    offline: 'You are offline; what you entered is kept. It is sent as soon as you are back.',
    again: {
      one: 'It could not be sent, or no answer came. What you entered is kept. Trying again in {count} second: however often it is sent, it counts once.',
      other:
        'It could not be sent, or no answer came. What you entered is kept. Trying again in {count} seconds: however often it is sent, it counts once.',
    },
    notSent:
      'It could not be sent, or no answer came. What you entered is kept. Please submit again in a while: however often it is sent, it counts once.',
  },
}
