import { setTimeout as sleep } from 'node:timers/promises'
import { holdAdvisoryLock } from './advisory-lock.ts'

export interface WhileActiveOptions {
  readonly databaseUrl: string
  /** One of `locks`. */
  readonly lock: number
  /** Told when the lock cannot be asked for, or `work` fails. */
  readonly onError: (error: Error) => void
}

const TRY_AGAIN_MS = 500

/**
 * Does `work` while this process alone holds the lock, and otherwise waits for it as a standby, until `signal` aborts.
 * @param work ends soon after its signal aborts: the lock is lost then
 */
export async function whileActive(
  { databaseUrl, lock, onError }: WhileActiveOptions,
  signal: AbortSignal,
  work: (active: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const held = await holdAdvisoryLock(databaseUrl, lock, signal)
      try {
        await work(AbortSignal.any([signal, held.lost]))
      } finally {
        await held.release()
      }
    } catch (error) {
      if (!signal.aborted) onError(error as Error)
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}
