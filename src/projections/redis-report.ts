import { type ClockReading, readClock, type ServerReport } from '../server-report.ts'
import type { StoreMemory } from './snapshot-store.ts'

/** The little of a client that it takes to look at a Redis. */
interface AskableRedis {
  ping(): Promise<string>
  time(): Promise<(number | string)[]>
  info(): Promise<string>
}

/** @returns what it says of itself, and INFO's own text; empty if this user may not ask */
export async function lookAtRedis(redis: AskableRedis): Promise<{ report: ServerReport; info: string }> {
  const started = performance.now()
  await redis.ping()
  const latencyMs = performance.now() - started
  const clock = await clockOf(redis).catch(() => undefined)
  const info = await redis.info().catch(() => '')
  const evicted = Number(field(info, 'evicted_keys') ?? 0)
  const remarks = evicted > 0 ? [`${evicted} keys thrown out for want of memory since its start`] : []
  const memory = info === '' ? undefined : memoryIn(info)
  return { report: { version: field(info, 'redis_version'), latencyMs, clock, memory, remarks }, info }
}

async function clockOf(redis: AskableRedis): Promise<ClockReading> {
  const asked = Date.now()
  const [seconds, micros] = (await redis.time()).map(Number)
  return readClock(seconds! * 1000 + micros! / 1000, asked, Date.now())
}

/** Without a limit of its own, Redis takes what its machine has. */
export function memoryIn(info: string): StoreMemory {
  const limit = Number(field(info, 'maxmemory') ?? 0) || Number(field(info, 'total_system_memory') ?? 0)
  return { used: Number(field(info, 'used_memory') ?? 0), limit: limit || undefined }
}

const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
