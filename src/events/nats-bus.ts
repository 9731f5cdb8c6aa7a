/** Batches over NATS JetStream: one stream, whose messages each carry consecutive events. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus, Delivery, EventBatch, Publisher } from './bus.ts'
import type { Position } from './event-log.ts'
import { holds, type LogMarks } from './log-marks.ts'
import { eventsOf, messagesOf } from './nats/batch-message.ts'
import type { ConsumedMessage, NatsClient, StoredMessage, StreamSettings } from './nats/client.ts'
import { hasNoRoom } from './nats/refusals.ts'

export interface NatsBusOptions {
  readonly client: NatsClient
  /** Whose log it carries: several services can share one NATS. Letters, digits and dashes. */
  readonly id: string
  /** Tells whether what the stream ends with is of this log; left out: it is taken for such. */
  readonly marks?: Pick<LogMarks, 'at'> | undefined
  /** Told, in a sentence, when the stream was emptied because it is not. */
  readonly onStale?: ((sentence: string) => void) | undefined
}

/** What is older is read from the log by whoever misses it. */
const KEPT_BYTES = 256 * 1024 * 1024
/** Where several services share a small NATS, each takes what there is room for, down to this. */
const LEAST_KEPT_BYTES = 16 * 1024 * 1024
const KEPT_MS = 24 * 60 * 60 * 1000
/** Small enough for several to be on their way at once. */
const MAX_MESSAGE_BYTES = 256 * 1024
const MAX_UNACKNOWLEDGED = 256
const RESUME_MS = 250

const PREVIOUS = 'Previous'
const LAST = 'Last'
const MARK = 'Mark'

export class NatsBus implements Bus {
  readonly keepsBatches = true
  readonly #client: NatsClient
  readonly #stream: StreamSettings
  readonly #options: NatsBusOptions
  readonly #closed = new AbortController()

  constructor(options: NatsBusOptions) {
    const { client, id } = options
    this.#options = options
    this.#client = client
    this.#stream = {
      stream: `taxbudget-${id}`,
      subject: `taxbudget.${id}.events`,
      maxBytes: KEPT_BYTES,
      maxAgeMs: KEPT_MS,
    }
  }

  async publisher(): Promise<Publisher> {
    await this.#ensureStream()
    await this.#ensureOfThisLog()
    const { sequence, message } = await this.#client.endOf(this.#stream.stream)
    return new NatsPublisher(this.#client, this.#stream, sequence, message && positionIn(message, LAST))
  }

  async *subscribe({ name, signal }: { name: string; signal: AbortSignal }): AsyncGenerator<Delivery> {
    const until = AbortSignal.any([signal, this.#closed.signal])
    while (!until.aborted) {
      try {
        yield* this.#consume(name, until)
      } catch {
        // Away, or the stream is gone: nothing but speed depends on it, and whoever connects is told of the loss.
      }
      await sleep(RESUME_MS, undefined, { signal: until }).catch(() => {})
    }
  }

  async clear(): Promise<void> {
    await this.#client.purge(this.#stream.stream)
  }

  /** Leaves the client open: it is not this bus's own. */
  async close(): Promise<void> {
    this.#closed.abort()
  }

  /** JetStream reserves the bytes: where it has no room for so many, it is asked for half of them. */
  async #ensureStream(): Promise<void> {
    for (let maxBytes = KEPT_BYTES; ; maxBytes /= 2)
      try {
        return await this.#client.ensureStream({ ...this.#stream, maxBytes })
      } catch (error) {
        if (!hasNoRoom(error) || maxBytes <= LEAST_KEPT_BYTES) throw error
      }
  }

  /**
   * Where the log was restored from a backup, the stream may hold events that it has no more. Whoever connects looks
   * first, and whoever publishes does, too: so all of it is of one log.
   */
  async #ensureOfThisLog(): Promise<void> {
    const { marks, onStale } = this.#options
    const { message } = await this.#client.endOf(this.#stream.stream)
    const [position, mark] = [message && positionIn(message, LAST), message?.header(MARK)]
    if (!marks || position === undefined || mark === undefined) return
    if (await holds(marks, { position, mark })) return
    await this.clear()
    onStale?.(`NATS held events up to position ${position} that the event log does not have`)
  }

  async *#consume(name: string, until: AbortSignal): AsyncGenerator<Delivery> {
    await this.#ensureStream()
    await this.#ensureOfThisLog()
    const messages = await this.#client.consume(this.#stream.stream, name, MAX_UNACKNOWLEDGED)
    const stop = () => messages.stop()
    until.addEventListener('abort', stop, { once: true })
    try {
      if (until.aborted) return
      for await (const message of messages) {
        const delivery = deliveryOf(message)
        if (delivery) yield delivery
      }
    } finally {
      until.removeEventListener('abort', stop)
      stop()
    }
  }
}

/** Publishes each message as the one after the last, so that two relays, or a stream that was lost, are noticed. */
class NatsPublisher implements Publisher {
  readonly last: Position | undefined
  readonly #client: NatsClient
  readonly #stream: StreamSettings
  #sequence: number
  #failed: unknown

  constructor(client: NatsClient, stream: StreamSettings, sequence: number, last: Position | undefined) {
    this.#client = client
    this.#stream = stream
    this.#sequence = sequence
    this.last = last
  }

  async publish(batch: EventBatch): Promise<void> {
    if (this.#failed) throw this.#failed
    const room = Math.min(this.#client.maxBody, MAX_MESSAGE_BYTES)
    const taken = messagesOf(batch, room).map(({ previous, last, mark, body, traceparents }) => {
      const fields = [
        [PREVIOUS, String(previous)] as const,
        [LAST, String(last)] as const,
        [MARK, mark] as const,
        ...traceparents.map((value) => ['traceparent', value] as const),
      ]
      return this.#client.publish(this.#stream, { body, fields, lastSequence: this.#sequence++ })
    })
    try {
      await Promise.all(taken)
    } catch (error) {
      this.#failed = error
      throw error
    }
  }
}

/** Undefined for a message that is not one of ours. */
function deliveryOf(message: ConsumedMessage): Delivery | undefined {
  const [previous, last] = [positionIn(message, PREVIOUS), positionIn(message, LAST)]
  if (previous === undefined || last === undefined) return undefined
  return {
    previous,
    last,
    events: () => eventsOf(message.body()),
    acknowledge: () => message.acknowledge(),
  }
}

function positionIn(message: StoredMessage, field: string): Position | undefined {
  const text = message.header(field)
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined
}
