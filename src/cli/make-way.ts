import { keepToHalf } from '../threads/half-the-processors.ts'
import { yieldWhollyToOthers } from '../threads/low-priority.ts'

/**
 * Has this process make way for everybody else if it is to replay: with `--jobs` on all processors, else on half of
 * them. Done before the program is loaded, which already is what others on a small machine would notice.
 */
export function makeWay([command, ...args]: readonly string[]): void {
  if (command !== 'replay') return
  yieldWhollyToOthers()
  if (!args.some((arg) => /^--jobs(=|$)/.test(arg))) keepToHalf(process.pid)
}
