import { setTimeout as sleep } from 'node:timers/promises'
import { atMost } from '../deadline.ts'
import type { Readiness } from '../readiness.ts'
import type { Beat, PostgresProcessRegistry } from './process-registry.ts'

export interface HeartbeatOptions {
  readonly registry: Pick<PostgresProcessRegistry, 'beat' | 'remove'>
  /** What never changes while it runs. */
  readonly self: Omit<Beat, 'uptimeMs' | 'readiness' | 'memory' | 'figures'>
  readonly readiness: Pick<Readiness, 'report'>
  readonly figures: () => Promise<Readonly<Record<string, number>>>
  /** Done beside it now and then, whatever comes of it. */
  readonly noteSize: () => Promise<void>
  /** Told of every failure, and without an error when it works. */
  readonly onOutcome?: (error?: Error) => void
  readonly everyMs?: number
}

const EVERY_MS = 5000
/** In an hour the day may have changed. */
const NOTE_SIZE_EVERY_MS = 3_600_000
/** Whoever ends waits no longer for saying so. */
const GOODBYE_MS = 800

/** Tells every few seconds that this process is there and how it fares, until `signal` aborts. Never throws. */
export async function keepBeating(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { registry, self, onOutcome, noteSize, everyMs = EVERY_MS } = options
  const started = performance.now()
  let notedAt = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    try {
      await beat(options, performance.now() - started)
      if (performance.now() - notedAt > NOTE_SIZE_EVERY_MS) {
        await noteSize()
        notedAt = performance.now()
      }
      onOutcome?.()
    } catch (error) {
      if (!signal.aborted) onOutcome?.(error as Error)
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
  await atMost(GOODBYE_MS, registry.remove(self.id)).catch(() => {})
}

async function beat(
  { registry, self, readiness, figures }: HeartbeatOptions,
  uptimeMs: number,
): Promise<void> {
  const [report, numbers] = await Promise.all([readiness.report(), figures()])
  // What JSON cannot say is not known.
  const known = Object.entries(numbers).filter(([, value]) => Number.isFinite(value))
  const memory = process.memoryUsage.rss()
  await registry.beat({ ...self, uptimeMs, readiness: report, memory, figures: Object.fromEntries(known) })
}
