import { hash, timingSafeEqual } from 'node:crypto'

/**
 * The receipt for a submission: who holds it may revise or withdraw. It follows from the idempotency key, so that a
 * repeated command gets the same one back, and only its hash is stored. SHA-512/256 cannot be extended (NIST SP 800-107),
 * so a secret in front makes a MAC, in a third of an HMAC's time.
 * @param secret the server's SESSION_SECRET
 * @returns 32 characters, base64url
 */
export const receiptFor = (secret: string, poll: string, key: string): string =>
  hash('sha512-256', `${secret}\nreceipt\n${poll}\n${key}`, 'base64url').slice(0, 32)

/** SHA-256 of a receipt, hex: what is stored. */
export const hashReceipt = (receipt: string): string => hash('sha256', receipt)

/** Whether `receipt` belongs to `receiptHash`, in constant time. */
export const isReceipt = (receipt: string, receiptHash: string): boolean =>
  timingSafeEqual(Buffer.from(hashReceipt(receipt), 'hex'), Buffer.from(receiptHash, 'hex'))
