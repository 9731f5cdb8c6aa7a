import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConsoleCookie } from '../session/cookies.ts'
import { seal, unseal } from '../session/sealed.ts'

/** What came of an act, told on the next page. */
export interface Message {
  readonly kind: 'good' | 'bad'
  readonly heading: string
  readonly text?: string
}

const ONE_MINUTE = 60

/** Messages travel in a signed cookie, for the session they are meant for, and are shown once. */
export class Messages {
  readonly #key: string
  readonly #cookie: ConsoleCookie

  constructor(key: string, publicUrl: string) {
    this.#key = key
    this.#cookie = new ConsoleCookie('operator-message', publicUrl)
  }

  leave(reply: FastifyReply, session: string, message: Message): void {
    // A cookie holds 4 KiB.
    const short = { ...message, ...(message.text && { text: message.text.slice(0, 1000) }) }
    const sealed = seal(this.#key, `message\n${session}`, JSON.stringify(short))
    this.#cookie.write(reply, sealed, ONE_MINUTE)
  }

  take(request: FastifyRequest, reply: FastifyReply, session: string): Message | undefined {
    const cookie = this.#cookie.read(request)
    if (cookie === undefined) return undefined
    this.#cookie.clear(reply)
    const text = unseal(this.#key, `message\n${session}`, cookie)
    return text === undefined ? undefined : (JSON.parse(text) as Message)
  }
}
