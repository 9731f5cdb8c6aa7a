import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: {
  readonly type: 'minor' | 'major'
  readonly execution: 'sync'
  readonly flavor: 'regular' | 'last-resort'
}) => void

let collect: Collect | undefined

/** V8's own `gc`, without a flag on the command line: whoever starts the program another way would forget it. */
function collector(): Collect {
  if (collect) return collect
  setFlagsFromString('--expose-gc')
  collect = runInNewContext('gc') as Collect
  setFlagsFromString('--no-expose-gc')
  return collect
}

/**
 * Frees what this thread has thrown away lately, in a millisecond or two. V8 itself waits for 64 MB of buffers outside
 * its heap, since it does not count them as what fills it.
 */
export const collectYoung = (): void => collector()({ type: 'minor', execution: 'sync', flavor: 'regular' })

/** Frees everything, and gives the memory back to the system; nothing else happens meanwhile, for some 50 ms. */
export const collectAll = (): void => collector()({ type: 'major', execution: 'sync', flavor: 'last-resort' })
