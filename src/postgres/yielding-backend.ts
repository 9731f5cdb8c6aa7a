import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import type pg from 'pg'
import { keepToHalf } from '../threads/half-the-processors.ts'

/** Enough for everybody else to go first, and not so much that a lock which it holds for a moment is held for long. */
const NICENESS = 5

/** As the driver has them; not in its types. */
interface Connected {
  readonly processID?: number | null
  readonly connection: { readonly stream: { readonly localPort?: number | undefined } }
}

/**
 * Has the server's process behind a connection let everybody else on its machine go first, where that is this machine
 * and may be asked for (Linux); nothing elsewhere. There is no way back: not for connections that others use.
 * @returns whether it does
 */
export function yieldBackend(client: pg.ClientBase): boolean {
  const process = backendHere(client)
  if (process === undefined) return false
  try {
    setPriority(process, NICENESS)
    return true
  } catch {
    return false
  }
}

/** The same, and it keeps to half of the processors. */
export function yieldHalf(client: pg.ClientBase): void {
  yieldBackend(client)
  const process = backendHere(client)
  if (process !== undefined) keepToHalf(process)
}

/** The process behind a connection, if it runs on this machine. */
function backendHere(client: pg.ClientBase): number | undefined {
  const { processID, connection } = client as pg.ClientBase & Connected
  const { localPort } = connection.stream
  if (!processID || localPort === undefined) return undefined
  try {
    // Its title tells whom it serves: `postgres: user database 127.0.0.1(localPort) idle`. On another machine, or behind
    // a pooler, a process of this number is somebody else's.
    const title = readFileSync(`/proc/${processID}/cmdline`, 'latin1')
    return title.startsWith('postgres: ') && title.includes(`(${localPort}) `) ? processID : undefined
  } catch {
    return undefined
  }
}
