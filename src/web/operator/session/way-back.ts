/** Addresses of the console, and no others: nobody is sent elsewhere after signing in. */
const OWN = /^\/operator(?:[/?][\w\-./?=&%:+,~]*)?$/

/** Where to go after signing in. */
export const wayBack = (asked: unknown): string =>
  typeof asked === 'string' && OWN.test(asked) && asked.length <= 2000 ? asked : '/operator'

export const signInLink = (asked: string): string =>
  `/operator/sign-in?to=${encodeURIComponent(wayBack(asked))}`
