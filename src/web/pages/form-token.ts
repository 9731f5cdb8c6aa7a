import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * One form, one token, one submission: sent twice (a double click, a reload) it is the same command. The signature
 * says that this service made it for this poll, so nobody can choose a key, and with it a submission's number.
 */
export function issueFormToken(secret: string, poll: string): string {
  const random = randomBytes(16).toString('base64url')
  return `${random}.${signature(secret, poll, random)}`
}

/** Whether `token` was issued here for `poll`, in constant time. */
export function isFormToken(secret: string, poll: string, token: unknown): token is string {
  if (typeof token !== 'string') return false
  const [random, given, ...rest] = token.split('.')
  if (!random || !given || rest.length > 0) return false
  const expected = signature(secret, poll, random)
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
}

/** The idempotency key of what is sent with this token. */
export const submissionKey = (token: string): string => `form:${token}`

const signature = (secret: string, poll: string, random: string): string =>
  createHmac('sha256', secret).update(`form\n${poll}\n${random}`).digest('base64url')
