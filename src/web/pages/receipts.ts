/** Receipts in this browser: those of this visit, and a list if the person asked to remember. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A submission that this device may change. */
export interface HeldReceipt {
  readonly submission: string
  readonly receipt: string
}

const VISIT = 'receipt'
const REMEMBERED = 'remembered'
const ONE_HOUR = 60 * 60
const ONE_YEAR = 365 * 24 * ONE_HOUR
const MAX_VISIT = 5
const MAX_REMEMBERED = 20

/** A page has an address in every language, so that no path is a submission's alone. */
const common = { httpOnly: true, sameSite: 'lax', path: '/' } as const

/** Cookies of receipts; `secure` when people come by https. */
export class ReceiptCookies {
  readonly #secure: boolean

  constructor(publicUrl: string) {
    this.#secure = publicUrl.startsWith('https:')
  }

  /** The receipt of a submission just made or proven, for an hour; no page but its own shows it. */
  hold(request: FastifyRequest, reply: FastifyReply, held: HeldReceipt): void {
    this.#keep(reply, VISIT, [held, ...others(inVisit(request), held)].slice(0, MAX_VISIT), ONE_HOUR)
  }

  /** Keeps a receipt on this device, and the newest others. */
  remember(request: FastifyRequest, reply: FastifyReply, held: HeldReceipt): void {
    const all = [held, ...others(remembered(request), held)].slice(0, MAX_REMEMBERED)
    this.#keep(reply, REMEMBERED, all, ONE_YEAR)
  }

  /** Forgets the list and what this visit still holds. */
  forgetAll(reply: FastifyReply): void {
    for (const name of [VISIT, REMEMBERED]) reply.clearCookie(name, { ...common, secure: this.#secure })
  }

  #keep(reply: FastifyReply, name: string, receipts: readonly HeldReceipt[], maxAge: number): void {
    const value = receipts.map(({ submission, receipt }) => `${submission}.${receipt}`).join('~')
    reply.setCookie(name, value, { ...common, secure: this.#secure, maxAge })
  }
}

const others = (receipts: readonly HeldReceipt[], held: HeldReceipt): HeldReceipt[] =>
  receipts.filter(({ submission }) => submission !== held.submission)

const receiptsIn = (cookie: string | undefined, most: number): HeldReceipt[] =>
  (cookie ?? '')
    .split('~')
    .map((entry) => /^([0-9a-f-]{36})\.([\w-]{32})$/.exec(entry))
    .filter((match) => match !== null)
    .slice(0, most)
    .map(([, submission, receipt]) => ({ submission: submission!, receipt: receipt! }))

/** What this device remembers, newest first. */
export const remembered = (request: FastifyRequest): HeldReceipt[] =>
  receiptsIn(request.cookies[REMEMBERED], MAX_REMEMBERED)

const inVisit = (request: FastifyRequest): HeldReceipt[] => receiptsIn(request.cookies[VISIT], MAX_VISIT)

const findIn = (receipts: readonly HeldReceipt[], submission: string): string | undefined =>
  receipts.find((held) => held.submission === submission)?.receipt

/** The receipt that this visit holds of a submission. */
export const visitReceipt = (request: FastifyRequest, submission: string): string | undefined =>
  findIn(inVisit(request), submission)

/** Any receipt that this browser has for `submission`; whether it is right is for the command to say. */
export const receiptHeldFor = (request: FastifyRequest, submission: string): string | undefined =>
  visitReceipt(request, submission) ?? findIn(remembered(request), submission)
