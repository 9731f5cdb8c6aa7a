import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const LOWEST = 12_000
/** Where the system does not tell: ports for outgoing connections begin here on Linux. */
const OUTGOING = 32_768

const taken = new Set<number>()

/**
 * A port that stays free while its server is dead: below those that the system gives to outgoing connections, for one
 * of these would sooner or later take it, or even connect to itself.
 */
export async function quietPort(): Promise<number> {
  const end = firstOutgoing()
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (end - LOWEST))
    if (taken.has(port) || !(await isFree(port))) continue
    taken.add(port)
    return port
  }
}

function firstOutgoing(): number {
  try {
    const first = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10)
    return first > LOWEST + 1000 ? first : OUTGOING
  } catch {
    return OUTGOING
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
