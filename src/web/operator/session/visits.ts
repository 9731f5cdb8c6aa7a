import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConsoleCookie } from './cookies.ts'
import { seal, unseal } from './sealed.ts'

const ONE_HOUR = 60 * 60

/**
 * Whoever is about to sign in: nobody yet, but the form they fill in must be one that this browser was shown. A
 * cookie beside the session's, which therefore never falls to a link from elsewhere.
 */
export class Visits {
  readonly #key: string
  readonly #cookie: ConsoleCookie

  constructor(key: string, publicUrl: string) {
    this.#key = key
    this.#cookie = new ConsoleCookie('operator-visit', publicUrl)
  }

  of(request: FastifyRequest): string | undefined {
    return unseal(this.#key, 'visit', this.#cookie.read(request))
  }

  /** The visit's id, the known one if there is one: the sign-in page may be open twice. */
  open(request: FastifyRequest, reply: FastifyReply): string {
    const id = this.of(request) ?? randomBytes(16).toString('base64url')
    this.#cookie.write(reply, seal(this.#key, 'visit', id), ONE_HOUR)
    return id
  }

  end(reply: FastifyReply): void {
    this.#cookie.clear(reply)
  }
}
