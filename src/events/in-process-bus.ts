import { type Bus, type Delivery, delivered, type EventBatch, type Publisher } from './bus.ts'

/** A subscriber that is so many batches behind loses the oldest: it reads what is missing from the log. */
const MAX_WAITING = 1000

/** The bus between relay and projector of one process. It keeps nothing for late subscribers. */
export class InProcessBus implements Bus {
  readonly keepsBatches: boolean = false
  readonly #subscribers = new Set<Mailbox>()
  #closed = false

  async publisher(): Promise<Publisher> {
    return { last: undefined, publish: (batch) => this.deliver(batch) }
  }

  async *subscribe({ signal }: { signal: AbortSignal }): AsyncGenerator<Delivery> {
    const mailbox = new Mailbox()
    const end = () => mailbox.end()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted || this.#closed) end()
    this.#subscribers.add(mailbox)
    try {
      for (let batch = await mailbox.take(); batch; batch = await mailbox.take()) yield delivered(batch)
    } finally {
      signal.removeEventListener('abort', end)
      this.#subscribers.delete(mailbox)
    }
  }

  async clear(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true
    for (const mailbox of this.#subscribers) mailbox.end()
  }

  protected async deliver(batch: EventBatch): Promise<void> {
    for (const mailbox of this.#subscribers) mailbox.put(batch)
  }
}

class Mailbox {
  #batches: EventBatch[] = []
  #ended = false
  #wake: (() => void) | undefined

  put(batch: EventBatch): void {
    this.#batches.push(batch)
    if (this.#batches.length > MAX_WAITING) this.#batches.shift()
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The next batch as soon as there is one; undefined at the end. */
  async take(): Promise<EventBatch | undefined> {
    while (this.#batches.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#ended ? undefined : this.#batches.shift()
  }
}
