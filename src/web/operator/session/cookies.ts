import type { FastifyReply, FastifyRequest } from 'fastify'

/** A cookie of the console: no script reads it, no other site's page sends it. */
export class ConsoleCookie {
  readonly #name: string
  readonly #options: { httpOnly: true; sameSite: 'strict'; secure: boolean; path: string }

  /** @param publicUrl by https, the cookie goes no other way and browsers take it from nobody but this very host */
  constructor(name: string, publicUrl: string) {
    const secure = publicUrl.startsWith('https:')
    this.#name = secure ? `__Host-${name}` : name
    // Browsers want the prefix to come with the path of everything.
    this.#options = { httpOnly: true, sameSite: 'strict', secure, path: secure ? '/' : '/operator' }
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.#name]
  }

  /** @param maxAge seconds */
  write(reply: FastifyReply, value: string, maxAge: number): void {
    reply.setCookie(this.#name, value, { ...this.#options, maxAge })
  }

  clear(reply: FastifyReply): void {
    reply.clearCookie(this.#name, this.#options)
  }
}
