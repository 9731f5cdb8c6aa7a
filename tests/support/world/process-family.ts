import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Process ids of the children of a process. */
export function childrenOf(pid: number): number[] {
  return parents()
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child)
    .sort((a, b) => a - b)
}

/** Sends a signal. @returns false if there is no such process any more */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Has a process stand still. Once this returns, every thread of it has stopped, or it has ended. */
export function halt(pid: number): void {
  if (!signal(pid, 'SIGSTOP') || !existsSync(`/proc/${pid}/task`)) return
  // A signal takes a moment to be heard; on a busy machine a thread still works meanwhile.
  while (!hasStopped(pid));
}

function hasStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) =>
      // Stopped, or at its end. The state follows the name, which is in parentheses.
      / [TXZ] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\)/, '')),
    )
  } catch {
    // A thread has ended meanwhile, or all have.
    return !existsSync(`/proc/${pid}`)
  }
}

/** Whether it runs: one that has ended and whose end nobody has asked for does not. */
export const isAlive = (pid: number): boolean => parents().some(([child]) => child === pid)

/** Every process with its parent. */
function parents(): [pid: number, parent: number][] {
  if (!existsSync('/proc/self/stat')) return fromPs()
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8')
        // The name of the program stands in parentheses, and may have any in it.
        const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
        return state === 'Z' ? [] : [[Number(name), Number(parent)] as [number, number]]
      } catch {
        return []
      }
    })
}

const fromPs = (): [number, number][] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
