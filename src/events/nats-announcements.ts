import type { Announcements } from './announcements.ts'
import type { NatsClient } from './nats/client.ts'

/** Announcements over NATS itself, which keeps nothing. */
export class NatsAnnouncements implements Announcements {
  readonly #client: NatsClient
  readonly #id: string

  /** @param id whose announcements: several services can share one NATS. Letters, digits and dashes */
  constructor(client: NatsClient, id: string) {
    this.#client = client
    this.#id = id
  }

  get connected(): boolean {
    return this.#client.connected
  }

  announce(topic: string, text: string): void {
    this.#client.tell(this.#subject(topic), text)
  }

  hear(topic: string, listener: (text: string) => void): () => void {
    return this.#client.listen(this.#subject(topic), listener)
  }

  #subject(topic: string): string {
    return `taxbudget.${this.#id}.news.${topic}`
  }
}
