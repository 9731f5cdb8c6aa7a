/** Receipts in this browser: one for the visit in which it was made, and a list if the person asked to remember. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { submissionLink } from './links.ts'

/** A submission that this device may change. */
export interface HeldReceipt {
  readonly submission: string
  readonly receipt: string
}

const VISIT = 'receipt'
const REMEMBERED = 'remembered'
const ONE_HOUR = 60 * 60
const ONE_YEAR = 365 * 24 * ONE_HOUR
const MAX_REMEMBERED = 20

const common = { httpOnly: true, sameSite: 'lax' } as const

/** Cookies of receipts; `secure` when people come by https. */
export class ReceiptCookies {
  readonly #secure: boolean

  constructor(publicUrl: string) {
    this.#secure = publicUrl.startsWith('https:')
  }

  /** The receipt of a submission just made or proven: only its own page gets to see it, for an hour. */
  hold(reply: FastifyReply, { submission, receipt }: HeldReceipt): void {
    const path = submissionLink(submission)
    reply.setCookie(VISIT, receipt, { ...common, secure: this.#secure, path, maxAge: ONE_HOUR })
  }

  /** Keeps a receipt on this device, and the newest others. */
  remember(request: FastifyRequest, reply: FastifyReply, held: HeldReceipt): void {
    const others = remembered(request).filter(({ submission }) => submission !== held.submission)
    const value = [held, ...others]
      .slice(0, MAX_REMEMBERED)
      .map(({ submission, receipt }) => `${submission}.${receipt}`)
      .join('~')
    reply.setCookie(REMEMBERED, value, { ...common, secure: this.#secure, path: '/', maxAge: ONE_YEAR })
  }

  /** Forgets the list and what this visit still holds of it. */
  forgetAll(request: FastifyRequest, reply: FastifyReply): void {
    for (const { submission } of remembered(request))
      reply.clearCookie(VISIT, { ...common, secure: this.#secure, path: submissionLink(submission) })
    reply.clearCookie(REMEMBERED, { ...common, secure: this.#secure, path: '/' })
  }
}

/** What this device remembers, newest first. */
export const remembered = (request: FastifyRequest): HeldReceipt[] =>
  (request.cookies[REMEMBERED] ?? '')
    .split('~')
    .map((entry) => /^([0-9a-f-]{36})\.([\w-]{32})$/.exec(entry))
    .filter((match) => match !== null)
    .slice(0, MAX_REMEMBERED)
    .map(([, submission, receipt]) => ({ submission: submission!, receipt: receipt! }))

/** The receipt that came with this visit to a submission's page. */
export const visitReceipt = (request: FastifyRequest): string | undefined => request.cookies[VISIT]

/** Any receipt that this browser has for `submission`; whether it is right is for the command to say. */
export const receiptHeldFor = (request: FastifyRequest, submission: string): string | undefined =>
  visitReceipt(request) ?? remembered(request).find((held) => held.submission === submission)?.receipt
