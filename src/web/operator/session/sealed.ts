import { createHmac, timingSafeEqual } from 'node:crypto'

/** `text` and a proof that we wrote it for this purpose: neither secret nor to be changed. */
export const seal = (key: string, purpose: string, text: string): string =>
  `${Buffer.from(text).toString('base64url')}.${proof(key, purpose, text)}`

/** The text of what `seal` gave; undefined if it is anything else. In constant time. */
export function unseal(key: string, purpose: string, sealed: unknown): string | undefined {
  if (typeof sealed !== 'string') return undefined
  const [written, given, ...rest] = sealed.split('.')
  if (written === undefined || given === undefined || rest.length > 0) return undefined
  const text = Buffer.from(written, 'base64url').toString()
  const expected = proof(key, purpose, text)
  const isOurs =
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  return isOurs ? text : undefined
}

const proof = (key: string, purpose: string, text: string): string =>
  createHmac('sha256', key).update(`${purpose}\n${text}`).digest('base64url')

/** A key for the console alone: who learns it learns nothing of the secret, and another token makes another key. */
export const consoleKey = (secret: string, operatorToken: string): string =>
  createHmac('sha256', secret).update(`operator console\n${operatorToken}`).digest('base64url')
