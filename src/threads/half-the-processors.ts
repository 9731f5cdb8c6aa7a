import { execFileSync } from 'node:child_process'

/**
 * Keeps a process with all its threads to half of the processors that it may use, so that the other half is free
 * for whoever serves: letting others go first is not enough, for a system may look only every few milliseconds whether
 * somebody waits. Where there is one processor, or no `taskset` (it comes with Linux), nothing changes.
 * @returns whether it does
 */
export function keepToHalf(pid: number): boolean {
  try {
    const half = secondHalf(allowed(taskset('--cpu-list', '--pid', String(pid))))
    if (half.length === 0) return false
    taskset('--all-tasks', '--cpu-list', '--pid', half.join(','), String(pid))
    return true
  } catch {
    return false
  }
}

const taskset = (...args: readonly string[]): string =>
  execFileSync('taskset', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** `pid 17's current affinity list: 0-3,8` → 0, 1, 2, 3, 8. */
const allowed = (said: string): number[] =>
  said
    .slice(said.lastIndexOf(':') + 1)
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number) as [number, number?]
      return Array.from({ length: last! - first + 1 }, (_, each) => first + each)
    })

const secondHalf = (processors: readonly number[]): number[] =>
  processors.slice(Math.ceil(processors.length / 2))
