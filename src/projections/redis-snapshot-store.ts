import { Redis, ReplyError } from 'ioredis'
import type { Announcements } from '../events/announcements.ts'
import type { Patience } from '../first-contact.ts'
import { NewestSnapshots } from './newest-snapshots.ts'
import { type PollAggregate, rankOf } from './poll-aggregate.ts'
import { diagnoseRedis } from './redis-diagnosis.ts'
import { redisOptions } from './redis-options.ts'
import { redisPutScript } from './redis-put-script.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import { isPosition, readSnapshot, snapshotKey, writeSnapshot } from './stored-snapshot.ts'

export interface RedisSnapshotStoreOptions extends Patience {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** Whose read model the snapshots are of: what several databases keep in one Redis must not mix. */
  readonly database: string
  /** By which processes tell each other of new snapshots; without it each asks Redis every time. */
  readonly announcements?: Announcements | undefined
  /** Told of every failure to connect, and without an error when it is connected. */
  readonly onConnection?: (error?: Error) => void
  /** Told of a snapshot that cannot be read (once; it counts as absent), or could not be put again. */
  readonly onError?: (error: Error) => void
}

const LONGEST_RETRY_MS = 1000

/** Announcements may get lost: however much is heard, Redis is asked so often. */
const ASK_ANYWAY_MS = 1000
const TOPIC = 'snapshots'

/**
 * Snapshots in Redis, for any number of processes.
 *
 * A process never serves a snapshot that is older (`rankOf`) than one that it has served: Redis may come back with what
 * it had on disk minutes ago. Such a snapshot counts as absent, and what this process keeps up to date it writes down
 * anew. In Redis the rank is called position, which it is before the first promotion.
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
  /** When Redis last had nothing newer than what is at hand, by poll. */
  readonly #confirmedAt = new Map<string, number>()
  /** The newest rank that was announced, by poll. */
  readonly #heard = new Map<string, bigint>()
  /** What the listeners know. */
  readonly #told = new WeakSet<PollAggregate>()
  readonly #asking = new Map<string, Promise<PollAggregate | undefined>>()
  readonly #stopHearing: (() => void) | undefined

  private constructor(redis: Redis, options: RedisSnapshotStoreOptions) {
    this.#redis = redis
    this.#options = options
    this.#stopHearing = options.announcements?.hear(TOPIC, (text) => void this.#hear(text))
  }

  /**
   * Connects. Where Redis is away it starts without, and connects later.
   * @throws with one sentence on what is wrong with the URL, if waiting would not help
   */
  static async open(options: RedisSnapshotStoreOptions): Promise<RedisSnapshotStore> {
    const { url, onConnection } = options
    const away = await diagnoseRedis(url, () => tryOnce(url), options)
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
    if (this.#isAtHand(poll)) return this.#newest.last(poll)
    let asking = this.#asking.get(poll)
    if (!asking) {
      asking = this.#askFor(poll).finally(() => this.#asking.delete(poll))
      this.#asking.set(poll, asking)
    }
    return await asking
  }

  /** What this process has had in its hands: when this is asked for, Redis has been asked in vain. */
  async last(poll: string): Promise<PollAggregate | undefined> {
    return this.#newest.last(poll)
  }

  async put(aggregate: PollAggregate, { ttlMs }: { ttlMs?: number } = {}): Promise<boolean> {
    const { poll } = aggregate.definition
    if (ttlMs !== undefined) return await this.#offer(poll, aggregate, ttlMs)
    this.#keep(poll, aggregate)
    const taken = await this.#write(poll, aggregate, -1)
    if (taken) this.#options.announcements?.announce(TOPIC, `${poll} ${rankOf(aggregate)}`)
    return taken
  }

  async #offer(poll: string, aggregate: PollAggregate, ttlMs: number): Promise<boolean> {
    // At once, for the query that offers it shows it to somebody, whatever Redis says.
    this.#newest.note(poll, rankOf(aggregate), aggregate)
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
      const values = [String(rankOf(aggregate)), writeSnapshot(aggregate), ttlMs]
      return redis.eval(redisPutScript, 1, this.#key(poll), ...values)
    }).finally(() => this.#newest.note(poll, rankOf(aggregate), aggregate))
    if (taken !== 1) return false
    this.#tell(aggregate)
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
    this.#stopHearing?.()
    this.#listeners.clear()
    this.#kept.clear()
    this.#redis.disconnect()
  }

  #key(poll: string): string {
    return snapshotKey(this.#options.database, poll)
  }

  /** While this process would hear of a newer one, and has not, what is at hand needs no question. */
  #isAtHand(poll: string): boolean {
    const at = this.#confirmedAt.get(poll)
    return (
      at !== undefined &&
      this.#options.announcements?.connected === true &&
      performance.now() - at < ASK_ANYWAY_MS &&
      !this.#newest.isNewer(poll, this.#heard.get(poll) ?? 0n)
    )
  }

  /** Somebody has put a snapshot: it is fetched before anybody asks, and whoever asks meanwhile waits for it. */
  async #hear(text: string): Promise<void> {
    const [poll = '', digits = ''] = text.split(' ')
    if (!isPosition(digits) || !this.#newest.isNewer(poll, BigInt(digits))) return
    const rank = BigInt(digits)
    if (rank > (this.#heard.get(poll) ?? 0n)) this.#heard.set(poll, rank)
    try {
      await this.get(poll)
      // The question may have been asked before the news.
      if (this.#newest.isNewer(poll, rank)) await this.get(poll)
    } catch {
      // Whoever asks next meets the same, and is told.
      return
    }
    const aggregate = this.#newest.last(poll)
    if (aggregate && !this.#told.has(aggregate)) this.#tell(aggregate)
  }

  #tell(aggregate: PollAggregate): void {
    this.#told.add(aggregate)
    for (const listener of this.#listeners) listener(aggregate)
  }

  async #askFor(poll: string): Promise<PollAggregate | undefined> {
    // A body may have a megabyte: it is fetched and parsed once.
    const [rank] = await this.#fetch(poll, 'position')
    if (rank === undefined || this.#newest.isOutdated(poll, rank)) return undefined
    const found = (this.#newest.at(poll, rank) ?? (await this.#fetchWhole(poll)))?.aggregate
    if (found) this.#confirmedAt.set(poll, performance.now())
    return found
  }

  /** One command, refused at once while Redis is away. */
  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready') throw new Error('Redis is not connected')
    try {
      return await command(this.#redis)
    } catch (error) {
      // Redis refuses with a reason, which comes with the whole command; everything else is about queues and retries
      // that there are none of.
      if (error instanceof ReplyError) throw new Error(`Redis: ${(error as Error).message}`)
      throw new Error('Redis did not answer', { cause: error })
    }
  }

  /** Rank and body as far as they are asked for; no rank if there is none. */
  async #fetch(poll: string, ...fields: readonly ('position' | 'body')[]): Promise<[bigint?, string?]> {
    const [rank, body] = await this.#ask((redis) => redis.hmget(this.#key(poll), ...fields))
    return rank && isPosition(rank) ? [BigInt(rank), body ?? ''] : []
  }

  async #fetchWhole(poll: string) {
    const [rank, body] = await this.#fetch(poll, 'position', 'body')
    if (rank === undefined) return undefined
    // Meanwhile another reader may have fetched the same one.
    if (!this.#newest.at(poll, rank)) this.#newest.note(poll, rank, this.#read(poll, rank, body))
    return this.#newest.at(poll, rank)
  }

  #keep(poll: string, aggregate: PollAggregate): void {
    const kept = this.#kept.get(poll)
    if (!kept || rankOf(kept) < rankOf(aggregate)) this.#kept.set(poll, aggregate)
  }

  /** What could not be written while Redis was away, or what it has lost, would else be missing until the next change. */
  #putAgain(): void {
    const puts = [...this.#kept.values()].map((aggregate) => this.put(aggregate))
    // What keeps one from being written keeps others: one is told of.
    Promise.all(puts).catch((error: Error) => this.#options.onError?.(error))
  }

  #read(poll: string, rank: bigint, body = ''): PollAggregate | undefined {
    try {
      return readSnapshot(body, poll, rank)
    } catch (cause) {
      const error = new Error(`the snapshot of ${poll} at ${rank} cannot be read`, { cause })
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
