/** A connection to Redis that is kept up. The only importer of its client. */
import { Redis, ReplyError } from 'ioredis'
import type { ServerReport } from '../server-report.ts'
import { diagnoseRedis } from './redis-diagnosis.ts'
import { redisOptions } from './redis-options.ts'
import { lookAtRedis } from './redis-report.ts'

const LONGEST_RETRY_MS = 1000

export class RedisConnection {
  readonly #redis: Redis

  /** Does not connect yet. */
  constructor(url: string) {
    this.#redis = new Redis({
      ...redisOptions(url),
      retryStrategy: (times) => Math.min(50 * times, LONGEST_RETRY_MS),
      // A managed Redis that fails over answers so until its name leads to the new primary.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    })
  }

  /** Connects, and again whenever it is lost. Resolves after the first attempt, whatever came of it. */
  async connect({
    onReady,
    onError,
  }: {
    readonly onReady: () => void
    readonly onError: (error: Error) => void
  }): Promise<void> {
    this.#redis.on('error', onError)
    this.#redis.on('ready', onReady)
    await this.#redis.connect().catch(() => {})
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready'
  }

  /** One command, refused at once while Redis is away. */
  async ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (!this.isReady) throw new Error('Redis is not connected')
    try {
      return await command(this.#redis)
    } catch (error) {
      // Redis refuses with a reason, which comes with the whole command; everything else is about queues and retries
      // that there are none of.
      if (error instanceof ReplyError) throw new Error(`Redis: ${(error as Error).message}`)
      throw new Error('Redis did not answer', { cause: error })
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}

/** Looks at a Redis over a connection of its own. @throws one sentence on what is wrong with it, or with its URL */
export async function examineRedis(url: string): Promise<ServerReport> {
  let report: ServerReport | undefined
  const look = async (redis: Redis) => {
    const looked = await lookAtRedis(redis)
    report = looked.report
    return looked.info
  }
  const away = await diagnoseRedis(url, () => tryOnce(url, look), { patienceMs: 0 })
  if (away) throw away
  return report!
}

/** Connects once. @returns what INFO says; nothing if it may not be asked. @throws whatever is in the way */
export async function tryOnce(
  url: string,
  look = (redis: Redis) => redis.info('server').catch(() => ''),
): Promise<string> {
  const redis = new Redis({ ...redisOptions(url), retryStrategy: () => null })
  let trouble: Error | undefined
  redis.on('error', (error: Error) => {
    trouble ??= error
  })
  try {
    await redis.connect()
    // Some refusals (of a database's number) do not keep it from connecting.
    if (trouble) throw trouble
    return await look(redis)
  } catch (error) {
    throw trouble ?? error
  } finally {
    redis.disconnect()
  }
}
