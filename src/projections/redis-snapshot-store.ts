import type { Announcements } from '../events/announcements.ts'
import type { Mark } from '../events/log-marks.ts'
import type { Patience } from '../first-contact.ts'
import { NewestSnapshots } from './newest-snapshots.ts'
import { type PollAggregate, positionIn, rankOf } from './poll-aggregate.ts'
import { RedisConnection, tryOnce } from './redis-connection.ts'
import { diagnoseRedis } from './redis-diagnosis.ts'
import { redisDropScript, redisPutScript } from './redis-put-script.ts'
import { memoryIn } from './redis-report.ts'
import { SnapshotOrigin, type SnapshotOriginOptions } from './snapshot-origin.ts'
import type { PutOptions, SnapshotStore, StoreMemory } from './snapshot-store.ts'
import { isPosition, readSnapshot, snapshotKey, writeSnapshot } from './stored-snapshot.ts'

export interface RedisSnapshotStoreOptions extends Patience, SnapshotOriginOptions {
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

interface Kept {
  readonly aggregate: PollAggregate
  readonly mark: Mark | undefined
}

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
  readonly #redis: RedisConnection
  readonly #options: RedisSnapshotStoreOptions
  readonly #newest = new NewestSnapshots()
  /** What this process keeps up to date, whether or not Redis has it. */
  readonly #kept = new Map<string, Kept>()
  readonly #origin: SnapshotOrigin
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

  private constructor(redis: RedisConnection, options: RedisSnapshotStoreOptions) {
    this.#redis = redis
    this.#options = options
    this.#origin = new SnapshotOrigin(options)
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
    const redis = new RedisConnection(url)
    const store = new RedisSnapshotStore(redis, options)
    const onReady = () => {
      onConnection?.()
      // It may have come back with what it had on disk.
      store.#origin.forget()
      store.#putAgain()
    }
    await redis.connect({ onReady, onError: (error) => onConnection?.(error) })
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

  async put(aggregate: PollAggregate, { ttlMs, mark }: PutOptions = {}): Promise<boolean> {
    const { poll } = aggregate.definition
    if (ttlMs !== undefined) return await this.#offer(poll, aggregate, ttlMs)
    const kept = { aggregate, mark }
    this.#keep(poll, kept)
    let taken = await this.#write(poll, kept, -1)
    if (!taken && (await this.#dropStale(poll))) taken = await this.#write(poll, kept, -1)
    if (taken) this.#options.announcements?.announce(TOPIC, `${poll} ${rankOf(aggregate)}`)
    return taken
  }

  async #offer(poll: string, aggregate: PollAggregate, ttlMs: number): Promise<boolean> {
    // At once, for the query that offers it shows it to somebody, whatever Redis says.
    this.#newest.note(poll, rankOf(aggregate), aggregate)
    if (!this.#redis.isReady || this.#offering.has(poll)) return false
    this.#offering.add(poll)
    try {
      return await this.#write(poll, { aggregate, mark: undefined }, Math.ceil(ttlMs))
    } finally {
      this.#offering.delete(poll)
    }
  }

  async #write(poll: string, { aggregate, mark = '' }: Kept, ttlMs: number): Promise<boolean> {
    const taken = await this.#redis
      .ask((redis) => {
        const values = [String(rankOf(aggregate)), writeSnapshot(aggregate), ttlMs, mark]
        return redis.eval(redisPutScript, 1, this.#key(poll), ...values)
      })
      .finally(() => this.#newest.note(poll, rankOf(aggregate), aggregate))
    if (taken !== 1) return false
    this.#tell(aggregate)
    return true
  }

  onChange(listener: (aggregate: PollAggregate) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async memory(): Promise<StoreMemory> {
    return memoryIn(await this.#redis.ask((redis) => redis.info('memory')))
  }

  /** Leaves them to whoever keeps them up to date now. */
  abandon(): void {
    this.#kept.clear()
  }

  async close(): Promise<void> {
    this.#stopHearing?.()
    this.#listeners.clear()
    this.#kept.clear()
    this.#redis.close()
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
    const [rank] = await this.#fetch(poll)
    if (rank === undefined || this.#newest.isOutdated(poll, rank)) return undefined
    const found = (this.#newest.at(poll, rank) ?? (await this.#fetchWhole(poll)))?.aggregate
    if (found) this.#confirmedAt.set(poll, performance.now())
    return found
  }

  /** Of a snapshot, as far as it is asked for; no rank if there is none. */
  async #fetch(poll: string, ...fields: readonly ('body' | 'mark')[]): Promise<[bigint?, ...string[]]> {
    const [rank, ...more] = await this.#redis.ask((redis) =>
      redis.hmget(this.#key(poll), 'position', ...fields),
    )
    return rank && isPosition(rank) ? [BigInt(rank), ...more.map((value) => value ?? '')] : []
  }

  async #fetchWhole(poll: string) {
    const [rank, body, mark = ''] = await this.#fetch(poll, 'body', 'mark')
    if (rank === undefined || (await this.#isStale(poll, rank, mark))) return undefined
    // Meanwhile another reader may have fetched the same one.
    if (!this.#newest.at(poll, rank)) this.#newest.note(poll, rank, this.#read(poll, rank, body))
    return this.#newest.at(poll, rank)
  }

  /** What stands in the way of a newer one may be of a log that was restored since. @returns whether it is gone now */
  async #dropStale(poll: string): Promise<boolean> {
    const [rank, mark = ''] = await this.#fetch(poll, 'mark')
    return rank !== undefined && (await this.#isStale(poll, rank, mark))
  }

  async #isStale(poll: string, rank: bigint, mark: Mark): Promise<boolean> {
    if (!(await this.#origin.isStale(poll, positionIn(rank), mark))) return false
    await this.#redis.ask((redis) => redis.eval(redisDropScript, 1, this.#key(poll), String(rank), mark))
    return true
  }

  #keep(poll: string, kept: Kept): void {
    const known = this.#kept.get(poll)
    if (!known || rankOf(known.aggregate) < rankOf(kept.aggregate)) this.#kept.set(poll, kept)
  }

  /** What could not be written while Redis was away, or what it has lost, would else be missing until the next change. */
  #putAgain(): void {
    const puts = [...this.#kept.values()].map(({ aggregate, mark }) => this.put(aggregate, { mark }))
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
