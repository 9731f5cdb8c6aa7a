import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * What a form sends along: this service made it, for this very purpose. What was done with it cannot be done with it
 * again, because the purpose names what is no more afterwards (a revision, a list), or because it is the idempotency key.
 */
export function issueToken(secret: string, purpose: string): string {
  const random = randomBytes(16).toString('base64url')
  return `${random}.${signature(secret, purpose, random)}`
}

/** Whether `token` was issued here for `purpose`, in constant time. */
export function isToken(secret: string, purpose: string, token: unknown): token is string {
  if (typeof token !== 'string') return false
  const [random, given, ...rest] = token.split('.')
  if (!random || !given || rest.length > 0) return false
  const expected = signature(secret, purpose, random)
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
}

/**
 * One form, one token, one submission: sent twice (a double click, a reload) it is the same command. The signature
 * says that this service made it for this poll, so nobody can choose a key, and with it a submission's number.
 */
export const issueFormToken = (secret: string, poll: string): string => issueToken(secret, `form\n${poll}`)

/** Whether `token` was issued here for `poll`. */
export const isFormToken = (secret: string, poll: string, token: unknown): token is string =>
  isToken(secret, `form\n${poll}`, token)

/** The idempotency key of what is sent with this token. */
export const submissionKey = (token: string): string => `form:${token}`

/** What changes a submission names the revision that it was made for: after any change it is of no use. */
export const ownersPurpose = (act: 'revise' | 'withdraw', submission: string, revision: number): string =>
  `${act}\n${submission}\n${revision}`

const signature = (secret: string, purpose: string, random: string): string =>
  createHmac('sha256', secret).update(`${purpose}\n${random}`).digest('base64url')
