import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** What a handshake brings besides its request. */
export interface Upgrade {
  readonly socket: Socket
  /** What came after the request's head. */
  readonly head: Buffer
}

interface Pending extends Upgrade {
  readonly response: ServerResponse
}

const live = /^\/api\/polls\/[^/?]+\/live(?:\?|$)/

/**
 * Whether a request is the beginning of a WebSocket where there are any. RFC 9110 lets a server ignore an `Upgrade`:
 * every other request that brings one (`h2c` from curl, say) is answered as without it.
 */
export const isLiveHandshake = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && live.test(url)

const pending = new WeakMap<IncomingMessage, Pending>()

/**
 * Has handshakes answered by routes as any other request: refused in the same way, and logged. No hook is needed for it:
 * other requests do not pay. A route that takes it calls `takeUpgrade`.
 */
export function routeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Node listens no more, and whoever hangs up while the route still thinks must not end this process.
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.destroySoon())
    pending.set(request, { socket, head, response })
    app.routing(request, response)
  })
}

/** The handshake that a request is the beginning of, if any. From now on it is the caller's: no response follows. */
export function takeUpgrade(request: IncomingMessage): Upgrade | undefined {
  const taken = pending.get(request)
  if (!taken) return undefined
  pending.delete(request)
  const { socket, head, response } = taken
  response.detachSocket(socket)
  return { socket, head }
}
