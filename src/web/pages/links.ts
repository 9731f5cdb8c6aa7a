import { type ExportFormat, exportFormats } from '../../queries/exports/formats.ts'

/** Addresses of one poll's pages. */
export interface PollLinks {
  readonly form: string
  readonly results: string
  readonly trends: string
}

/** The default poll lives at the root, every other below `/polls`. */
export const pollLinks = (poll: string, defaultPoll: string): PollLinks =>
  poll === defaultPoll
    ? defaultLinks
    : { form: `/polls/${poll}`, results: `/polls/${poll}/results`, trends: `/polls/${poll}/trends` }

export const defaultLinks: PollLinks = { form: '/', results: '/results', trends: '/trends' }

/** Address of a submission's page. */
export const submissionLink = (submission: string): string => `/submissions/${submission}`

/** A file to take away. */
export interface Download {
  readonly href: string
  /** What people call its format. */
  readonly name: string
}

const formatNames: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  parquet: 'Parquet',
  pb: 'Pabulib',
}

/** Addresses of the poll's submissions as files, of one moment. */
export const downloadLinks = (poll: string, position: string): Download[] =>
  exportFormats.map((format) => ({
    href: `/api/polls/${poll}/submissions?format=${format}&position=${position}`,
    name: formatNames[format],
  }))
