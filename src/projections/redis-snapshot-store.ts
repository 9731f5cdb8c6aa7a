import { Redis, ReplyError } from 'ioredis'
import { NewestSnapshots } from './newest-snapshots.ts'
import type { PollAggregate } from './poll-aggregate.ts'
import { diagnoseRedis } from './redis-diagnosis.ts'
import { redisOptions } from './redis-options.ts'
import { redisPutScript } from './redis-put-script.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import { isPosition, readSnapshot, snapshotKey, writeSnapshot } from './stored-snapshot.ts'

export interface RedisSnapshotStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** Whose read model the snapshots are of: what several databases keep in one Redis must not mix. */
  readonly database: string
  /** Told of every failure to connect, and without an error when it is connected. */
  readonly onConnection?: (error?: Error) => void
  /** Told of a snapshot that cannot be read (once; it counts as absent), or could not be put again. */
  readonly onError?: (error: Error) => void
  /** How long a host may take to resolve at the start, milliseconds. */
  readonly patienceMs?: number
}

const LONGEST_RETRY_MS = 1000

/**
 * Snapshots in Redis, for any number of processes.
 *
 * A process never serves a position before one that it has served: Redis may come back with what it had on disk
 * minutes ago. Such a snapshot counts as absent, and what this process keeps up to date it writes down anew.
 */
export class RedisSnapshotStore implements SnapshotStore {
  readonly #redis: Redis
  readonly #options: RedisSnapshotStoreOptions
  readonly #newest = new NewestSnapshots()
  /** What this process keeps up to date, whether or not Redis has it. */
  readonly #kept = new Map<string, PollAggregate>()
  /** Polls of which an offer is on its way: a silent Redis must not gather more of them. */
  readonly #offering = new Set<string>()
  readonly #listeners = new Set<(aggregate: PollAggregate) => void>()

  private constructor(redis: Redis, options: RedisSnapshotStoreOptions) {
    this.#redis = redis
    this.#options = options
  }

  /**
   * Connects. Where Redis is away it starts without, and connects later.
   * @throws with one sentence on what is wrong with the URL, if waiting would not help
   */
  static async open(options: RedisSnapshotStoreOptions): Promise<RedisSnapshotStore> {
    const { url, onConnection, patienceMs } = options
    const away = await diagnoseRedis(url, () => tryOnce(url), patienceMs)
    if (away) onConnection?.(away)
    const redis = new Redis({
      ...redisOptions(url),
      retryStrategy: (times) => Math.min(50 * times, LONGEST_RETRY_MS),
      // A managed Redis that fails over answers so until its name leads to the new primary.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    })
    const store = new RedisSnapshotStore(redis, options)
    redis.on('error', (error: Error) => onConnection?.(error))
    redis.on('ready', () => {
      onConnection?.()
      store.#putAgain()
    })
    await redis.connect().catch(() => {})
    return store
  }

  async get(poll: string): Promise<PollAggregate | undefined> {
    // A body may have a megabyte: it is fetched and parsed once.
    const [position] = await this.#fetch(poll, 'position')
    if (position === undefined || this.#newest.isOutdated(poll, position)) return undefined
    return (this.#newest.at(poll, position) ?? (await this.#fetchWhole(poll)))?.aggregate
  }

  /** What this process has had in its hands: when this is asked for, Redis has been asked in vain. */
  async last(poll: string): Promise<PollAggregate | undefined> {
    return this.#newest.last(poll)
  }

  async put(aggregate: PollAggregate, { ttlMs }: { ttlMs?: number } = {}): Promise<boolean> {
    const { poll } = aggregate.definition
    if (ttlMs !== undefined) return await this.#offer(poll, aggregate, ttlMs)
    this.#keep(poll, aggregate)
    return await this.#write(poll, aggregate, -1)
  }

  async #offer(poll: string, aggregate: PollAggregate, ttlMs: number): Promise<boolean> {
    // At once, for the query that offers it shows it to somebody, whatever Redis says.
    this.#newest.note(poll, aggregate.position, aggregate)
    if (this.#redis.status !== 'ready' || this.#offering.has(poll)) return false
    this.#offering.add(poll)
    try {
      return await this.#write(poll, aggregate, Math.ceil(ttlMs))
    } finally {
      this.#offering.delete(poll)
    }
  }

  async #write(poll: string, aggregate: PollAggregate, ttlMs: number): Promise<boolean> {
    const taken = await this.#ask((redis) => {
      const values = [String(aggregate.position), writeSnapshot(aggregate), ttlMs]
      return redis.eval(redisPutScript, 1, this.#key(poll), ...values)
    }).finally(() => this.#newest.note(poll, aggregate.position, aggregate))
    if (taken !== 1) return false
    for (const listener of this.#listeners) listener(aggregate)
    return true
  }

  onChange(listener: (aggregate: PollAggregate) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Leaves them to whoever keeps them up to date now. */
  abandon(): void {
    this.#kept.clear()
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#kept.clear()
    this.#redis.disconnect()
  }

  #key(poll: string): string {
    return snapshotKey(this.#options.database, poll)
  }

  /** One command, refused at once while Redis is away. */
  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready') throw new Error('Redis is not connected')
    try {
      return await command(this.#redis)
    } catch (error) {
      // Redis refuses with a reason; everything else is about queues and retries that there are none of.
      throw error instanceof ReplyError ? error : new Error('Redis did not answer', { cause: error })
    }
  }

  /** Position and body as far as they are asked for; no position if there is none. */
  async #fetch(poll: string, ...fields: readonly ('position' | 'body')[]): Promise<[bigint?, string?]> {
    const [position, body] = await this.#ask((redis) => redis.hmget(this.#key(poll), ...fields))
    return position && isPosition(position) ? [BigInt(position), body ?? ''] : []
  }

  async #fetchWhole(poll: string) {
    const [position, body] = await this.#fetch(poll, 'position', 'body')
    if (position === undefined) return undefined
    // Meanwhile another reader may have fetched the same one.
    if (!this.#newest.at(poll, position)) this.#newest.note(poll, position, this.#read(poll, position, body))
    return this.#newest.at(poll, position)
  }

  #keep(poll: string, aggregate: PollAggregate): void {
    const kept = this.#kept.get(poll)
    if (!kept || kept.position < aggregate.position) this.#kept.set(poll, aggregate)
  }

  /** What could not be written while Redis was away, or what it has lost, would else be missing until the next change. */
  #putAgain(): void {
    for (const aggregate of this.#kept.values())
      this.put(aggregate).catch((error: Error) => this.#options.onError?.(error))
  }

  #read(poll: string, position: bigint, body = ''): PollAggregate | undefined {
    try {
      return readSnapshot(body, poll, position)
    } catch (cause) {
      const error = new Error(`the snapshot of ${poll} at ${position} cannot be read`, { cause })
      this.#options.onError?.(error)
      return undefined
    }
  }
}

/** Connects once. @returns what INFO says; nothing if it may not be asked. @throws whatever is in the way */
async function tryOnce(url: string): Promise<string> {
  const redis = new Redis({ ...redisOptions(url), retryStrategy: () => null })
  let trouble: Error | undefined
  redis.on('error', (error: Error) => {
    trouble ??= error
  })
  try {
    await redis.connect()
    // Some refusals (of a database's number) do not keep it from connecting.
    if (trouble) throw trouble
    return await redis.info('server').catch(() => '')
  } catch (error) {
    throw trouble ?? error
  } finally {
    redis.disconnect()
  }
}
