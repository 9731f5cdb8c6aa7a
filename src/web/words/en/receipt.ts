import { formatFor } from '../format.ts'

const { dateTime } = formatFor('en')

/** The receipt, and what one can do with it. */
export const receipt = {
  copy: 'Copy the receipt',
  save: 'Save as a file',
  print: 'Print this page',
  link: 'Your private link',
  aboutLink:
    'Opened on any device, it lets you change or withdraw this submission. Whoever has it can do so: keep it to yourself.',
  copyLink: 'Copy the link',
  script: {
    copied: 'Copied.',
    notCopied: 'Copying did not work. Please mark it and copy it by hand.',
  },
  heading: 'Change or withdraw your submission',
  lead: 'Enter the receipt that you got when you submitted. It proves that the submission is yours.',
  /** The file that is saved. */
  fileName: (submission: string) => `receipt-${submission.slice(0, 8)}.txt`,
  file: (facts: {
    poll: string
    submission: string
    instant: string
    receipt: string
    page: string
    link: string
  }) => [
    `Receipt: ${facts.poll}`,
    '',
    `Receipt:     ${facts.receipt}`,
    `Submission:  ${facts.submission}`,
    `First sent:  ${dateTime(facts.instant)}`,
    `Its page:    ${facts.page}`,
    '',
    'To change or withdraw it, open this link, or enter the receipt on its page.',
    'Whoever has it can do so: keep it to yourself.',
    '',
    facts.link,
    '',
  ],
}
