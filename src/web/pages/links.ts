/** Addresses of one poll's pages. */
export interface PollLinks {
  readonly form: string
  readonly results: string
}

/** The default poll lives at the root, every other below `/polls`. */
export const pollLinks = (poll: string, defaultPoll: string): PollLinks =>
  poll === defaultPoll
    ? { form: '/', results: '/results' }
    : { form: `/polls/${poll}`, results: `/polls/${poll}/results` }

export const defaultLinks: PollLinks = { form: '/', results: '/results' }

/** Address of a submission's page. */
export const submissionLink = (submission: string): string => `/submissions/${submission}`
