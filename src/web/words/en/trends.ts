import type { BucketKind } from '../../../queries/calendar.ts'
import { formatFor } from '../format.ts'
import { rich, strong } from '../rich.ts'

const { count, percent1, points } = formatFor('en')

type ByBucket = Readonly<Record<BucketKind, string>>

/** A value and when it was so. */
interface Extreme {
  readonly value: number
  readonly when: string
}

const numbers = (least: Extreme, most: Extreme): string =>
  `Lowest ${percent1(least.value)} (${least.when}), highest ${percent1(most.value)} (${most.when}).`

const choices: ByBucket = { hour: 'Hour', day: 'Day', week: 'Week', month: 'Month' }
const columns: ByBucket = { hour: 'Hour', day: 'Day', week: 'Week from', month: 'Month' }
const oneOf: ByBucket = { hour: 'an hour', day: 'a day', week: 'a week', month: 'a month' }
const listed: ByBucket = { hour: 'hours', day: 'days', week: 'weeks', month: 'months' }

/** What differs between the budget as it stood at the end of each bucket, and those who first took part in it. */
interface ByView {
  readonly choice: string
  readonly caveat: (bucket: BucketKind) => ReturnType<typeof rich>
  readonly chart: (category: string, bucket: BucketKind) => string
  readonly counted: (bucket: BucketKind) => string
  readonly table: (bucket: BucketKind, zone: string) => string
}

const cumulative: ByView = {
  choice: 'Everyone up to then',
  caveat: (bucket) =>
    rich`Each point is the ${strong(`collective budget as it stood at the end of ${oneOf[bucket]}`)}: the mean of all submissions that counted then.`,
  chart: (category, bucket) => `${category}, mean at the end of each ${bucket}`,
  counted: (bucket) => `Submissions counted at the end of each ${bucket}`,
  table: (bucket, zone) => `Mean shares at the end of each ${bucket}, ${zone}`,
}

const period: ByView = {
  choice: 'Only those of that time',
  caveat: (bucket) =>
    rich`Each point is the mean of the ${strong(`submissions first sent in that ${bucket}`)}, as they stand today: what was revised since is shown as revised, and what was withdrawn or set aside is left out.`,
  chart: (category, bucket) => `${category}, mean in each ${bucket}`,
  counted: (bucket) => `Submissions counted in each ${bucket}`,
  table: (bucket, zone) => `Mean shares in each ${bucket}, ${zone}`,
}

/** How the collective budget moved. */
export const trends = {
  title: (poll: string) => `Trends: ${poll}`,
  description: (poll: string) => `How the collective budget of all who took part moved over time: ${poll}`,
  heading: 'How the collective budget moved',
  views: { cumulative, period },
  whose: 'Whose submissions',
  by: 'By',
  suits: 'What suits the range',
  choices,
  zone: 'Time zone',
  everywhere: 'Everywhere',
  /** Parts of the world in the names of time zones. */
  regions: {
    Africa: 'Africa',
    America: 'America',
    Antarctica: 'Antarctica',
    Arctic: 'Arctic',
    Asia: 'Asia',
    Atlantic: 'Atlantic',
    Australia: 'Australia',
    Europe: 'Europe',
    Indian: 'Indian',
    Pacific: 'Pacific',
  } as Readonly<Record<string, string>>,
  from: 'From',
  to: 'To, included',
  aboutFrom: 'Empty: the first submission',
  aboutTo: 'Empty: today',
  show: 'Show',

  wrongFrom: 'From must be a day such as 2026-11-23.',
  wrongTo: 'To must be a day such as 2026-11-23.',
  before1970: 'That day lies before 1970.',
  inTheFuture: 'From lies in the future.',
  reversed: 'From lies after to.',
  nothingBetween: 'From and to are the same time: there is nothing between them.',
  noMoment: 'Trends are of a range, not of a moment (asOf, position): choose from and to.',
  wrongBucket: 'By must be one of hour, day, week, month.',
  wrongView: 'Whose submissions must be one of the two views.',
  unknownZone: 'The time zone must be a name of the IANA database. Try Europe/Berlin, or UTC.',
  similarZones: (names: string) =>
    `The time zone must be a name of the IANA database. Did you mean ${names}?`,
  tooFine: (bucket: BucketKind, most: number) =>
    `The bucket is too fine for the range: at most ${count(most)} ${listed[bucket]} are shown. Choose longer ones, or a shorter range.`,
  refused: 'These trends cannot be shown. Please check every field.',

  whereItStandsNow: 'The last one is where it stands now.',
  nobodyYet: 'Nobody is counted yet',
  nobodyYetText: 'Trends appear with the first submissions.',
  nobodyInRange: 'Nobody is counted in this range',
  nobodyInRangeText: 'Choose another one, or leave it empty for everything.',
  showEverything: 'Show everything',
  moves: (bucket: BucketKind) => `Category by category, by ${bucket}`,
  movesText:
    'All charts of categories show the same number of percentage points from bottom to top, so that a steeper line is a larger move. Look at the numbers beside them for where each stands.',
  dashed: (bucket: BucketKind) => `The dashed end is the ${bucket} that is not over.`,
  chartText: (first: number, latest: number, least: Extreme, most: Extreme) =>
    `From ${percent1(first)} to ${percent1(latest)}. ${numbers(least, most)}`,
  /** Of a single point nothing can be said but what it is. */
  onePoint: (value: number, when: string) =>
    rich`${strong(percent1(value))} (${when}): the only point in this range.`,
  onePointText: (value: number, when: string) => `${percent1(value)} (${when}), a single point.`,
  moved: (latest: number, change: number) =>
    rich`${strong(percent1(latest))} at the end, ${points(change)} points since the start.`,
  extremes: numbers,
  counted: 'Submissions counted',
  inAll: (number: number) => `${count(number)} in all.`,
  inAllStrong: (number: number) => rich`${strong(count(number))} in all.`,
  few: 'Where few took part, a point says little: one submission may move it far.',
  numbers: 'The numbers',
  downloadCsv: 'Download CSV',
  json: 'JSON',
  showTable: 'Show the table',
  lastRows: (shown: number, all: number) =>
    `The last ${count(shown)} of ${count(all)}. All are in the downloads.`,
  columns,
  countedColumn: 'Counted',
  notOver: '(not over)',
  rounding: 'Means are rounded so that each row adds up to 100\u00a0%.',
  stamp: (position: string, zone: string) =>
    `Position ${position}, from the projection, in the time of ${zone}.`,
}
