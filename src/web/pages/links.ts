import { type ExportFormat, exportFormats } from '../../queries/exports/formats.ts'
import type { Locale } from '../locale.ts'

/** Addresses of the pages of one poll, each as its locale has it. */
export interface PollLinks {
  readonly form: string
  readonly results: string
  readonly trends: string
  readonly history: string
  readonly method: string
  /** Of the truthful budget alone. */
  readonly truthful: string
  readonly privacy: string
}

/** The default poll lives at the root, every other below `/polls`. Without a poll: of the default one. */
export function pollLinks({ base }: Pick<Locale, 'base'>, poll?: string, defaultPoll?: string): PollLinks {
  const home = poll === defaultPoll || poll === undefined ? base : `${base}/polls/${poll}`
  return {
    form: home === base ? `${base}/` : home,
    results: `${home}/results`,
    trends: `${home}/trends`,
    history: `${base}/history`,
    method: `${base}/method`,
    truthful: `${base}/method/truthful`,
    privacy: `${base}/privacy`,
  }
}

/** Address of a submission's page. */
export const submissionLink = ({ base }: Pick<Locale, 'base'>, submission: string): string =>
  `${base}/submissions/${submission}`

/** What changes or withdraws a submission: what is behind the # is never sent to anybody. @param page its address */
export const privateLink = (page: string, receipt: string): string => `${page}/receipt#${receipt}`

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
