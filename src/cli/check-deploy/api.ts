/** App Platform's HTTP API, as far as looking at deployments needs it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { App, Deployment } from './deployment.ts'

export interface ApiOptions {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
  readonly signal: AbortSignal
  /** Told, in a sentence, what is waited for. */
  readonly onWaiting: (sentence: string) => void
  /** Between attempts where the API does not say how long, milliseconds. */
  readonly retryMs?: number
}

/** The API refuses, is not there, or answers what cannot be understood; without the token. */
export class ApiFailed extends Error {
  override readonly name = 'ApiFailed'
}

const TIMEOUT_MS = 20_000
const ATTEMPTS = 5
const RETRY_MS = 2000
/** Who is told to wait longer gives up, and can say for how long. */
const MAX_WAIT_S = 300
const PER_PAGE = 100
const MAX_PAGES = 50

export class AppPlatform {
  readonly #options: ApiOptions

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /** @param app its id or its name. @throws {ApiFailed} */
  async app(app: string): Promise<App> {
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(app))
      return (await this.#get(`/v2/apps/${app.toLowerCase()}`, z.object({ app: App }))).app
    const seen: string[] = []
    for (let page = 1; page <= MAX_PAGES; page++) {
      const { apps = [] } = await this.#get(
        `/v2/apps?page=${page}&per_page=${PER_PAGE}`,
        z.object({
          apps: z
            .array(App)
            .nullish()
            .transform((each) => each ?? undefined),
        }),
      )
      const found = apps.find(({ spec }) => spec.name === app)
      if (found) return found
      seen.push(...apps.map(({ spec }) => spec.name))
      if (apps.length < PER_PAGE) break
    }
    const others = seen.length === 0 ? 'The account has no app.' : `There are: ${seen.join(', ')}.`
    throw new ApiFailed(`There is no app called "${app}" that this token may see. ${others}`)
  }

  /** The newest deployment, whatever became of it; undefined: there has never been one. */
  async newest(app: string): Promise<Deployment | undefined> {
    const answer = z.object({ deployments: z.array(Deployment).nullish() })
    const { deployments } = await this.#get(`/v2/apps/${app}/deployments?page=1&per_page=1`, answer)
    return deployments?.[0]
  }

  async deployment(app: string, id: string): Promise<Deployment> {
    const answer = z.object({ deployment: Deployment })
    return (await this.#get(`/v2/apps/${app}/deployments/${id}`, answer)).deployment
  }

  /** Asks, and asks again while that may help. */
  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const { signal, onWaiting, retryMs = RETRY_MS } = this.#options
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#fetch(path)
      if ('value' in answer) return this.#parse(path, schema, answer.value)
      if (!answer.mayPass || attempt === ATTEMPTS) throw new ApiFailed(answer.sentence)
      const seconds = answer.waitSeconds ?? (retryMs * attempt) / 1000
      if (seconds > MAX_WAIT_S)
        throw new ApiFailed(
          `${answer.sentence} It asks to wait for ${Math.ceil(seconds)} s: too long for this.`,
        )
      onWaiting(`${answer.sentence} Asking again in ${Math.ceil(seconds)} s.`)
      await sleep(seconds * 1000, undefined, { signal })
    }
  }

  #parse<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new ApiFailed(
      `${this.#options.url}${path} answers what App Platform would not: ${issue!.path.join('.')}: ${issue!.message}`,
    )
  }

  async #fetch(path: string): Promise<{ readonly value: unknown } | Refusal> {
    const { url, token, signal } = this.#options
    try {
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        // The token is for nobody else.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      const text = await response.text()
      return response.ok ? { value: fromJson(text) } : this.#refusal(path, response, text)
    } catch (error) {
      signal.throwIfAborted()
      return {
        mayPass: true,
        sentence: `${url} is not reached: ${this.#withoutToken(whyNot(error as Error))}.`,
      }
    }
  }

  #refusal(path: string, { status, headers }: Response, text: string): Refusal {
    const { url } = this.#options
    const { message } = (fromJson(text) ?? {}) as { message?: unknown }
    const said = typeof message === 'string' ? ` It says: ${this.#withoutToken(message)}` : ''
    if (status === 401)
      return { mayPass: false, sentence: `DIGITALOCEAN_TOKEN is not accepted by ${url} (401).${said}` }
    if (status === 403)
      return { mayPass: false, sentence: `DIGITALOCEAN_TOKEN may not read apps at ${url} (403).${said}` }
    if (status === 404) return { mayPass: false, sentence: `${url}${path} is not there (404).${said}` }
    if (status === 429)
      return {
        mayPass: true,
        waitSeconds: waitOf(headers),
        sentence: `${url} has been asked too often (429).`,
      }
    return { mayPass: status >= 500, sentence: `${url}${path} answers ${status}.${said}` }
  }

  #withoutToken = (text: string): string => text.replaceAll(this.#options.token, '…')
}

interface Refusal {
  readonly mayPass: boolean
  readonly sentence: string
  readonly waitSeconds?: number | undefined
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Retry-After in seconds or as a date, or else when the limit is over, seconds since 1970. */
function waitOf(headers: Headers): number | undefined {
  const after = headers.get('retry-after')
  const reset = headers.get('ratelimit-reset')
  const seconds =
    after !== null
      ? /^\d+$/.test(after)
        ? Number(after)
        : (Date.parse(after) - Date.now()) / 1000
      : reset !== null
        ? Number(reset) - Date.now() / 1000
        : Number.NaN
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined
}

/** `fetch failed` alone says nothing. */
function whyNot(error: Error): string {
  if (error.name === 'TimeoutError') return 'it does not answer'
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  return code ? `${code}${message && !message.includes(code) ? `, ${message}` : ''}` : message
}
