import { setTimeout as sleep } from 'node:timers/promises'
import { PollDefinition } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'

/** The service does not take what is sent, or is not there. */
export class ServiceRefused extends Error {
  override readonly name = 'ServiceRefused'
}

const MAX_ATTEMPTS = 5

/** The running service's API, as far as a simulation needs it. */
export class ApiClient {
  readonly #url: string

  /** @param url where the service is, without a trailing slash */
  constructor(url: string) {
    this.#url = url
  }

  /** @throws {ServiceRefused} */
  async poll(poll: string): Promise<PollDefinition> {
    const response = await this.#send(`/api/polls/${encodeURIComponent(poll)}`, {})
    const parsed = PollDefinition.safeParse(await response.json())
    if (!parsed.success) throw new ServiceRefused(`${this.#url} gives no definition of the poll ${poll}.`)
    return parsed.data
  }

  /** @param key sent as Idempotency-Key: the same again counts once. @throws {ServiceRefused} */
  async submit(poll: string, allocation: Allocation, key: string): Promise<void> {
    const response = await this.#send(`/api/polls/${encodeURIComponent(poll)}/submissions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ allocation }),
    })
    await response.arrayBuffer()
  }

  /** Sends, and sends again after the time that the service asks for when it is busy. */
  async #send(path: string, request: RequestInit): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#fetch(path, request)
      if (response.ok) return response
      const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string }
      if (![429, 503].includes(response.status) || attempt === MAX_ATTEMPTS)
        throw new ServiceRefused(
          `${this.#url}${path} answers ${response.status}: ${problem.detail ?? problem.title ?? response.statusText}`,
        )
      await sleep(1000 * Math.max(1, Number(response.headers.get('retry-after')) || 0))
    }
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, request)
    } catch (error) {
      throw new ServiceRefused(
        `Nothing answers at ${this.#url}. Start it (npm start), name another --url, or write --direct into the log.`,
        { cause: error },
      )
    }
  }
}
