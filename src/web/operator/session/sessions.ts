import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { ConsoleCookie } from './cookies.ts'
import { consoleKey, seal, unseal } from './sealed.ts'

/** Who is signed in. */
export interface Session {
  /** Random, anew at each sign-in: forms are bound to it. */
  readonly id: string
  /** The operator's label. */
  readonly label: string
  /** Milliseconds since 1970. */
  readonly signedInAt: number
  readonly renewedAt: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A session of which nothing was heard for so long has ended. */
const IDLE_MS = 8 * HOUR
/** However busy it is, it ends after this. */
const LONGEST_MS = 24 * HOUR
const RENEW_AFTER_MS = 10 * MINUTE

/** Sessions that were ended before their time: every web process knows them. */
export interface SignedOutSessions {
  /** @param endsAt when it would have ended by itself */
  add(id: string, endsAt: Date): Promise<void>
  has(id: string): Promise<boolean>
}

export interface SessionsOptions {
  readonly secret: string
  readonly operatorToken: string
  readonly publicUrl: string
  readonly now: () => Date
  readonly signedOut: SignedOutSessions
}

/**
 * Sessions live in a signed cookie, so any web process knows them; that one was signed out of is kept elsewhere. The key is made of the secret and of
 * OPERATOR_TOKEN, so changing any operator's token ends every session.
 */
export class Sessions {
  readonly #key: string
  readonly #cookie: ConsoleCookie
  readonly #now: () => number
  readonly #signedOut: SignedOutSessions
  /** Those that this process knows to have ended: true for good, whether or not anybody can be asked. */
  readonly #ended = new LRUCache<string, true>({ max: 1000 })

  constructor({ secret, operatorToken, publicUrl, now, signedOut }: SessionsOptions) {
    this.#signedOut = signedOut
    this.#key = consoleKey(secret, operatorToken)
    this.#cookie = new ConsoleCookie('operator', publicUrl)
    this.#now = () => now().getTime()
  }

  start(reply: FastifyReply, label: string): Session {
    const at = this.#now()
    const session = { id: randomBytes(16).toString('base64url'), label, signedInAt: at, renewedAt: at }
    this.#write(reply, session)
    return session
  }

  /** The session that a request comes with; undefined if there is none, or it has ended. */
  of(request: FastifyRequest): Session | undefined {
    const text = unseal(this.#key, 'session', this.#cookie.read(request))
    if (text === undefined) return undefined
    const session = JSON.parse(text) as Session
    const at = this.#now()
    return at < session.renewedAt + IDLE_MS && at < session.signedInAt + LONGEST_MS ? session : undefined
  }

  /** Somebody is at work: the session lasts longer. What pages ask by themselves does not count. */
  renew(reply: FastifyReply, session: Session): void {
    const renewedAt = this.#now()
    if (renewedAt - session.renewedAt >= RENEW_AFTER_MS) this.#write(reply, { ...session, renewedAt })
  }

  /**
   * Whether somebody has signed out of it, here or elsewhere.
   * @throws if it cannot be asked
   */
  async hasEnded({ id }: Session): Promise<boolean> {
    if (this.#ended.has(id)) return true
    if (!(await this.#signedOut.has(id))) return false
    this.#ended.set(id, true)
    return true
  }

  /** Ends it for every copy of its cookie. @throws if that cannot be noted: it ends in this browser and process alone then */
  async end(reply: FastifyReply, session: Session | undefined): Promise<void> {
    this.#cookie.clear(reply)
    if (!session) return
    this.#ended.set(session.id, true)
    await this.#signedOut.add(session.id, new Date(session.signedInAt + LONGEST_MS))
  }

  #write(reply: FastifyReply, session: Session): void {
    this.#cookie.write(reply, seal(this.#key, 'session', JSON.stringify(session)), IDLE_MS / 1000)
  }
}
