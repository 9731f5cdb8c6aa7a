import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Lets everybody else on this machine go first: only this thread where the system can tell threads apart (Linux),
 * nothing elsewhere.
 */
export function yieldToOthers(): void {
  try {
    const thread = /\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]
    if (thread !== undefined) setPriority(Number(thread), constants.priority.PRIORITY_LOW)
  } catch {
    // It works all the same, less politely.
  }
}
