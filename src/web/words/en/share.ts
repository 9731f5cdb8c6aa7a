import { formatFor } from '../format.ts'

const { all, choose, count, counted } = formatFor('en')

const submissions = { one: 'submission', other: 'submissions' }

/** Links, pictures, the widget, the poster and the big screen. */
export const share = {
  heading: 'Share',
  leadResults: 'Show others what everyone would spend, together.',
  leadSubmission:
    'Show others this split. The link shows the split and what everyone’s is: it does not say whose it is, and nobody can change anything with it.',
  linkLabel: 'Link to this page',
  /** For `public/share.js`. */
  script: { copied: 'Copied', notCopied: 'Could not be copied: please select it and copy it yourself' },
  copy: 'Copy',
  send: 'Share…',
  mail: 'Send by e-mail',
  more: 'Poster, big screen, widget',
  showPreview: 'How the link looks where it is shared',

  title: (poll: string) => `Share: ${poll}`,
  description: (poll: string) =>
    `Links, a poster with a QR code, a big-screen page and a widget for your own site: ${poll}`,
  pageHeading: 'Share this poll',
  links: 'Links',
  linkForm: 'To the form',
  linkResults: 'To the results',
  meeting: 'At a meeting',
  meetingText: 'Print the poster, or show the big screen: its numbers move while people send their splits.',
  meetingClosed: 'Show the big screen, or print the poster: both lead to the final results.',
  toPoster: 'Poster with a QR code',
  toScreen: 'Big screen',
  qrFile: (format: string) => `QR code as ${format}`,
  embed: 'On your own site',
  embedText:
    'The widget shows the collective budget as it stands, in light and in dark. It sets no cookies and loads nothing from anybody else; its links open in a new tab.',
  snippet: 'To be pasted into your page',
  preview: 'The widget',

  pictureResults: (title: string, number: number, largest: readonly string[]) =>
    `Bar chart, mean of ${counted(number, submissions)}: ${title} Most goes to ${all(largest)}.`,
  pictureNobody: (title: string) => `${title} Nobody is counted yet.`,
  pictureSubmission: (title: string, largest: readonly string[]) =>
    `Bar chart of one split beside the mean of all: ${title} Most goes to ${all(largest)}.`,
  pictureForm: (title: string, number: number) =>
    `${title} Divide 100\u00a0% over ${count(number)} categories.`,
  pictureWhat: (number: number) => `What everyone would spend · mean of ${counted(number, submissions)}`,
  pictureSplit: 'One split, beside everyone’s',
  pictureInvites: (number: number) => `Divide 100\u00a0% of your tax money over ${count(number)} categories`,
  andMore: (number: number) => `and ${count(number)} more`,

  widgetTitle: (poll: string) => `Widget: ${poll}`,
  widgetMeans: (number: number) => `Mean of ${counted(number, submissions)}`,
  takePart: 'Divide yours',
  allResults: 'All results',
  newTab: '(opens in a new tab)',

  posterTitle: (poll: string) => `Poster: ${poll}`,
  scan: 'Scan to divide your tax money',
  scanResults: 'Scan to see the results',
  orType: 'or open this address:',
  print: 'Print',
  qrAlt: (address: string) => `QR code that leads to ${address}`,

  screenTitle: (poll: string) => `Big screen: ${poll}`,
  /** Beside the number itself. */
  submissions: (number: number) => choose(number, submissions),
  screenHeading: 'What we would spend, together',
  screenStill: 'Loaded again every 10 seconds.',
  fullScreen: 'Full screen',
  key: 'Key F',
}
