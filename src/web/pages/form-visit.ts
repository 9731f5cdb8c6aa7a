/** What a browser holds of the forms of its visit: the token that is not used yet, and where the last one led. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { withoutLanguage } from '../locale.ts'
import { isFormToken, issueFormToken } from './form-token.ts'

/** A person before the form of a poll. */
export interface FormVisit {
  /** The same in every tab and after every reload, until it is used: however often it is sent, it is one submission. */
  readonly token: string
  /** They are known to have seen everyone's results. */
  readonly seen: boolean
  /** What this browser submitted last. */
  readonly submission: string | undefined
}

const COOKIE = 'forms'
const MAX_POLLS = 5
const SEEN = 'seen'

interface VisitScope {
  readonly secret: string
  readonly publicUrl: string
  readonly defaultPoll: string
}

/** A cookie that ends with the browser's session: nothing of it is in the record but what `Shown` says. */
export class FormVisits {
  readonly #scope: VisitScope

  constructor(scope: VisitScope) {
    this.#scope = scope
  }

  /** The visit as it is, or a new one; it is kept from now on. */
  open(request: FastifyRequest, reply: FastifyReply, poll: string): FormVisit {
    const known = this.read(request, poll)
    const token = known?.token ?? issueFormToken(this.#scope.secret, poll)
    const seen = known?.seen || this.#comesFromResults(request, poll)
    const visit = { token, seen, submission: known?.submission }
    if (!known || known.seen !== seen) this.#keep(request, reply, poll, visit)
    return visit
  }

  /** The token has been used: the next form is another one, for somebody who has seen the results. */
  close(request: FastifyRequest, reply: FastifyReply, poll: string, submission: string): void {
    const token = issueFormToken(this.#scope.secret, poll)
    this.#keep(request, reply, poll, { token, seen: true, submission })
  }

  forget(reply: FastifyReply): void {
    reply.clearCookie(COOKIE, this.#options)
  }

  read(request: FastifyRequest, poll: string): FormVisit | undefined {
    const [, token, last] = entriesIn(request).find(([name]) => name === poll) ?? []
    if (!isFormToken(this.#scope.secret, poll, token)) return undefined
    return { token, seen: last !== '', submission: last === SEEN ? undefined : last || undefined }
  }

  #keep(request: FastifyRequest, reply: FastifyReply, poll: string, visit: FormVisit): void {
    const { token, seen, submission } = visit
    const others = entriesIn(request).filter(([name]) => name !== poll)
    const entries = [[poll, token, submission ?? (seen ? SEEN : '')], ...others].slice(0, MAX_POLLS)
    reply.setCookie(COOKIE, entries.map((entry) => entry.join(':')).join('~'), this.#options)
  }

  get #options() {
    const secure = this.#scope.publicUrl.startsWith('https:')
    return { httpOnly: true, sameSite: 'lax', path: '/', secure } as const
  }

  /** Without a script this is all that can be known. */
  #comesFromResults({ headers, host }: FastifyRequest, poll: string): boolean {
    if (!headers.referer || !URL.canParse(headers.referer)) return false
    const from = new URL(headers.referer)
    if (from.host !== host && from.host !== new URL(this.#scope.publicUrl).host) return false
    const path = withoutLanguage(from.pathname)
    const home = poll === this.#scope.defaultPoll ? '' : `/polls/${poll}`
    return path === `${home}/results` || path === `${home}/trends` || /^\/submissions\/[\w-]+$/.test(path)
  }
}

/** Poll, token, and `seen`, the last submission or nothing; newest first. */
const entriesIn = ({ cookies }: FastifyRequest): [poll: string, token: string, last: string][] =>
  (cookies[COOKIE] ?? '')
    .split('~')
    .map((entry) => /^([a-z0-9-]+):([\w.-]+):(seen|[0-9a-f-]{36}|)$/.exec(entry))
    .filter((match) => match !== null)
    .slice(0, MAX_POLLS)
    .map(([, poll, token, last]) => [poll!, token!, last!])
