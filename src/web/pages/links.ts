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
