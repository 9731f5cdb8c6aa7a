import { readdirSync, readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

const niceness = { 'a little': 5, wholly: constants.priority.PRIORITY_LOW } as const

/**
 * Lets everybody else on this machine go first: only this thread where the system can tell threads apart (Linux),
 * nothing elsewhere. There is no way back.
 */
export function yieldToOthers(howMuch: 'a little' | 'wholly'): void {
  try {
    const thread = /\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]
    if (thread !== undefined) setPriority(Number(thread), niceness[howMuch])
  } catch {
    // It works all the same, less politely.
  }
}

/** The same for every thread of this process, those included that V8 and libuv have started for themselves. */
export function yieldWhollyToOthers(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), niceness.wholly)
  } catch {
    // It works all the same, less politely.
  }
}
