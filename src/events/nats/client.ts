/** A connection to NATS that is kept up. Everything that is used of `nats`, whose only importer this is. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AckPolicy,
  connect,
  DeliverPolicy,
  Events,
  headers,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  RetentionPolicy,
  StorageType,
  type Subscription,
} from 'nats'
import { withDeadline } from '../../deadline.ts'
import { connectionOptions, RETRY_MS } from './connection-options.ts'
import { OwnSockets } from './own-sockets.ts'
import { isMissing } from './refusals.ts'
import { type NatsAddress, parseNatsUrl } from './url.ts'

export interface NatsClientOptions {
  /** Told of every loss and every failure to connect, and without an error when it is connected. */
  readonly onConnection?: (error?: Error) => void
}

/** A stream of this program: one subject, the newest messages. */
export interface StreamSettings {
  readonly stream: string
  readonly subject: string
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export interface StoredMessage {
  header(name: string): string | undefined
}

export interface ConsumedMessage extends StoredMessage {
  body(): string
  acknowledge(): void
}

/** A message to be. */
export interface Published {
  readonly body: string
  /** Headers; a name may come more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** What the stream's last message must be. */
  readonly lastSequence: number
}

export interface Consumption extends AsyncIterable<ConsumedMessage> {
  stop(): void
}

/** What a server says of itself when somebody connects. */
export interface ServerInfo {
  readonly version: string
  readonly hasJetStream: boolean
  readonly latencyMs: number
}

/** A subject that somebody listens to, on whatever connection there is. */
interface Wanted {
  readonly subject: string
  readonly listener: (text: string) => void
  subscription: Subscription | undefined
}

const REQUEST_MS = 2000
/** A pull that finds nothing ends after so long, and the next begins; in between the server gives signs of life. */
const PULL_MS = 10_000
const HEARTBEAT_MS = 1000
const HEADER_ROOM = 8192

export class NatsClient {
  readonly #address: NatsAddress
  readonly #options: NatsClientOptions
  readonly #wanted = new Set<Wanted>()
  readonly #closing = new AbortController()
  readonly #sockets = new OwnSockets()
  #connecting: Promise<void> | undefined
  #connection: NatsConnection | undefined
  #connected = false
  #closed = false

  private constructor(url: string, options: NatsClientOptions) {
    this.#address = parseNatsUrl(url)!
    this.#options = options
  }

  /**
   * Connects, and again whenever it is lost. Resolves after the first attempt, whatever came of it.
   * @param url as `parseNatsUrl` takes it
   */
  static async open(url: string, options: NatsClientOptions = {}): Promise<NatsClient> {
    const client = new NatsClient(url, options)
    await new Promise<void>((resolve) => {
      client.#connecting = client.#keepConnected(resolve)
    })
    return client
  }

  /** Connects once. @throws whatever is in the way */
  static async tryOnce(url: string): Promise<ServerInfo> {
    const sockets = new OwnSockets()
    try {
      const options = { ...connectionOptions(parseNatsUrl(url)!), reconnect: false }
      const connection = await sockets.run(() => connect(options))
      const { version = '', jetstream = false } = connection.info ?? {}
      // Its client waits for good for an answer that does not come.
      const latencyMs = await withDeadline(REQUEST_MS, 'NATS', connection.rtt())
      await connection.close()
      return { version, hasJetStream: jetstream, latencyMs }
    } finally {
      sockets.destroy()
    }
  }

  get connected(): boolean {
    return this.#connected
  }

  /** Room for a message's body, bytes. */
  get maxBody(): number {
    return (this.#connection?.info?.max_payload ?? 1024 * 1024) - HEADER_ROOM
  }

  /** Makes the stream, or makes it what `settings` say; room that it has already it keeps. */
  async ensureStream({ stream, subject, maxBytes, maxAgeMs }: StreamSettings): Promise<void> {
    const { streams } = await this.#manager()
    const found = await streams.info(stream).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
    const config = {
      name: stream,
      subjects: [subject],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      max_bytes: Math.max(maxBytes, found?.config.max_bytes ?? 0),
      max_age: maxAgeMs * 1e6,
      num_replicas: this.#address.servers.length >= 3 ? 3 : 1,
    }
    // Where room is scarce, a stream that is there must not be added again: its own bytes would be in its way.
    await (found ? streams.update(stream, config) : streams.add(config))
  }

  /** The number of the stream's last message, which outlives it, and the message if it is still there. */
  async endOf(stream: string): Promise<{ sequence: number; message: StoredMessage | undefined }> {
    const manager = await this.#manager()
    const { last_seq: sequence, messages } = (await manager.streams.info(stream)).state
    if (messages === 0) return { sequence, message: undefined }
    const { header } = await manager.streams.getMessage(stream, { seq: sequence })
    return { sequence, message: { header: (name) => header.get(name) || undefined } }
  }

  /** @throws unless the stream took it as the message after `lastSequence` */
  async publish(
    { stream, subject }: StreamSettings,
    { body, fields, lastSequence }: Published,
  ): Promise<void> {
    const named = headers()
    for (const [name, value] of fields) named.append(name, value)
    const expect = { streamName: stream, lastSequence }
    await this.#jetStream().publish(subject, body, { headers: named, expect, timeout: REQUEST_MS })
  }

  /** Messages from where `consumer` has acknowledged, until `stop`. @throws when the stream or the consumer is gone */
  async consume(stream: string, consumer: string, maxUnacknowledged: number): Promise<Consumption> {
    const manager = await this.#manager()
    await manager.consumers.add(stream, {
      durable_name: consumer,
      ack_policy: AckPolicy.All,
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: maxUnacknowledged,
    })
    const messages = await (await this.#jetStream().consumers.get(stream, consumer)).consume({
      max_messages: maxUnacknowledged,
      expires: PULL_MS,
      idle_heartbeat: HEARTBEAT_MS,
      abort_on_missing_resource: true,
    })
    const read = async function* () {
      for await (const message of messages)
        yield {
          header: (name: string) => message.headers?.get(name) || undefined,
          body: () => message.string(),
          acknowledge: () => message.ack(),
        }
    }
    return { [Symbol.asyncIterator]: read, stop: () => messages.stop() }
  }

  async purge(stream: string): Promise<void> {
    await (await this.#manager()).streams.purge(stream)
  }

  /** To everybody who listens now, if anybody does; nothing while the connection is lost. */
  tell(subject: string, text: string): void {
    if (this.#connected) this.#connection?.publish(subject, text)
  }

  /** @returns how to stop listening */
  listen(subject: string, listener: (text: string) => void): () => void {
    const wanted: Wanted = { subject, listener, subscription: undefined }
    this.#wanted.add(wanted)
    if (this.#connection) subscribe(this.#connection, wanted)
    return () => {
      this.#wanted.delete(wanted)
      wanted.subscription?.unsubscribe()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#connected = false
    this.#closing.abort()
    await this.#connection?.close()
    await this.#connecting
    this.#sockets.destroy()
  }

  async #keepConnected(attempted: () => void): Promise<void> {
    while (!this.#closed) {
      try {
        const connection = await this.#sockets.run(() => connect(connectionOptions(this.#address)))
        if (this.#closed) return await connection.close()
        const used = this.#use(connection)
        attempted()
        await used
      } catch (error) {
        this.#sockets.destroy()
        this.#options.onConnection?.(error as Error)
        attempted()
      }
      await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => {})
    }
  }

  /** Until it is closed for good; short losses the client mends by itself. */
  async #use(connection: NatsConnection): Promise<void> {
    this.#connection = connection
    for (const wanted of this.#wanted) subscribe(connection, wanted)
    this.#isConnected()
    this.#watch(connection).catch(() => {})
    const error = await connection.closed()
    this.#connection = undefined
    if (!this.#closed) this.#isLost(error ?? new Error('the connection to NATS has ended'))
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type, data } of connection.status())
      if (type === Events.Reconnect) this.#isConnected()
      else if (type === Events.Disconnect || type === Events.Error)
        this.#isLost(new Error(`NATS: ${type} ${typeof data === 'string' ? data : ''}`.trim()))
  }

  /** Its events come in a queue: the end of an outage may be told several times, and late. */
  #isConnected(): void {
    if (this.#connected) return
    this.#connected = true
    this.#options.onConnection?.()
  }

  #isLost(error: Error): void {
    if (!this.#connected) return
    this.#connected = false
    this.#options.onConnection?.(error)
  }

  /** @throws at once while there is no connection: what waits for one would come late */
  #live(): NatsConnection {
    if (!this.#connection || !this.#connected) throw new Error('NATS is not connected')
    return this.#connection
  }

  #jetStream(): JetStreamClient {
    return this.#live().jetstream({ timeout: REQUEST_MS })
  }

  async #manager(): Promise<JetStreamManager> {
    return await this.#live().jetstreamManager({ timeout: REQUEST_MS, checkAPI: false })
  }
}

function subscribe(connection: NatsConnection, wanted: Wanted): void {
  wanted.subscription = connection.subscribe(wanted.subject, {
    callback: (error, message) => {
      if (!error) wanted.listener(message.string())
    },
  })
}
