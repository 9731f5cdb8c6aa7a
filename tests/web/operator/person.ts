import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type Form, formIn } from '../person.ts'

/** An operator whose browser runs no script: keeps cookies, reads forms out of pages, sends them. */
export class OperatorPerson {
  readonly cookies: Map<string, string>
  readonly #server: FastifyInstance
  readonly #headers: Record<string, string>

  constructor(
    server: FastifyInstance,
    headers: Record<string, string> = {},
    cookies = new Map<string, string>(),
  ) {
    this.#server = server
    this.#headers = headers
    this.cookies = cookies
  }

  /** The same browser at another web process. */
  at = (server: FastifyInstance): OperatorPerson => new OperatorPerson(server, this.#headers, this.cookies)

  /** A copy of the browser: what a thief, or a second window, has. */
  twin = (): OperatorPerson => new OperatorPerson(this.#server, this.#headers, new Map(this.cookies))

  get = (url: string, headers: Record<string, string> = {}) => this.#ask('GET', url, headers)

  post = (url: string, fields: Iterable<[string, string]>, headers: Record<string, string> = {}) =>
    this.#ask(
      'POST',
      url,
      { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      new URLSearchParams([...fields]).toString(),
    )

  /** Sends a form, with fields changed by `entries`. */
  send = (form: Form, entries: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    this.post(form.action, new Map([...form.fields, ...Object.entries(entries)]), headers)

  async signIn(token: string): Promise<LightMyRequestResponse> {
    const page = await this.get('/operator/sign-in')
    return this.send(formIn(page.body, '/sign-in'), { token })
  }

  /** Opens a page and sends its form. @returns the page after the redirect */
  async act(
    url: string,
    entries: Record<string, string> = {},
    action = url,
  ): Promise<LightMyRequestResponse> {
    const page = await this.get(url)
    return this.follow(await this.send(formIn(page.body, action), entries))
  }

  /** Where a redirect leads. */
  async follow(answer: LightMyRequestResponse): Promise<LightMyRequestResponse> {
    if (answer.statusCode !== 303) throw new Error(`no redirect but ${answer.statusCode}: ${answer.body}`)
    return this.get(String(answer.headers.location))
  }

  async #ask(method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await this.#server.inject({
      ...{ method, url, headers: { ...this.#headers, ...headers, ...(cookie && { cookie }) } },
      ...(payload !== undefined && { payload }),
    })
    for (const { name, value, maxAge } of answer.cookies as {
      name: string
      value: string
      maxAge?: number
    }[])
      if (value === '' || maxAge === 0) this.cookies.delete(name)
      else this.cookies.set(name, value)
    return answer
  }
}
