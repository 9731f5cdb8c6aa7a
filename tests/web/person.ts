/** A person whose browser runs no script: reads forms out of the page, fills them in, sends them, keeps cookies. */
export interface Form {
  readonly action: string
  readonly fields: Map<string, string>
}

export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** Where it redirects to. */
  readonly location: string | null
}

export class Person {
  readonly #base: string
  readonly #cookies: Map<string, { value: string; path: string }>

  constructor(base: string, cookies = new Map<string, { value: string; path: string }>()) {
    this.#base = base
    this.#cookies = cookies
  }

  /** The same person at another address of the same service. */
  at = (base: string): Person => new Person(base, this.#cookies)

  get cookieNames(): string[] {
    return [...new Set([...this.#cookies.keys()].map((key) => key.split(' ')[0]!))].sort()
  }

  get = (path: string, headers: Record<string, string> = {}): Promise<Page> => this.#ask(path, { headers })

  /** Sends a form, with fields changed by `entries`. */
  send = (form: Form, entries: Record<string, string> = {}): Promise<Page> =>
    this.post(form.action, new URLSearchParams([...new Map([...form.fields, ...Object.entries(entries)])]))

  post = (path: string, body: URLSearchParams, headers: Record<string, string> = {}): Promise<Page> =>
    this.#ask(path, { method: 'POST', body, headers })

  async #ask(path: string, init: RequestInit): Promise<Page> {
    const { pathname } = new URL(path, this.#base)
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
      .join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie && { cookie }) }
    const response = await fetch(new URL(path, this.#base), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const { status } = response
    return {
      ...{ status, headers: response.headers, html: await response.text() },
      location: response.headers.get('location'),
    }
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const path = /; path=([^;]*)/i.exec(line)?.[1] ?? '/'
    const key = `${name} ${path}`
    if (value === '' || /max-age=0/i.test(line)) this.#cookies.delete(key)
    else this.#cookies.set(key, { value, path })
  }
}

/** The form of a page that is sent to an address ending in `action`, as a browser would send it untouched. */
export function formIn(html: string, action = ''): Form {
  for (const [form, attributes] of html.matchAll(/<form\b([^>]*)>[\s\S]*?<\/form>/g)) {
    const target = attribute(attributes!, 'action') ?? ''
    if (!target.endsWith(action)) continue
    const fields = new Map<string, string>()
    for (const [, input] of form.matchAll(/<input\b([^>]*)>/g)) {
      const unticked = attribute(input!, 'type') === 'checkbox' && !/\bchecked\b/.test(input!)
      const name = attribute(input!, 'name')
      if (name !== undefined && !unticked) fields.set(name, attribute(input!, 'value') ?? '')
    }
    return { action: target, fields }
  }
  throw new Error(`the page has no form for ${action || 'anything'}`)
}

const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : decodeEntities(value)
}

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  '#34': '"',
  '#39': "'",
}
const decodeEntities = (text: string): string =>
  text.replace(/&(#?\w+);/g, (all, name: string) => entities[name] ?? all)

/** The words of a page, as a person reads them. */
export const words = (html: string): string =>
  decodeEntities(
    html
      .replace(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
      .replace(/<\/?(strong|time|span|a|code)\b[^>]*>/g, '')
      .replace(/<[^>]+>/g, ' '),
  )
    .replace(/\s+/g, ' ')
    .trim()
