import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/**
 * The sockets of one connection to NATS. Its client forgets a socket whose server has not said anything in time, and
 * leaves it open: the process could not end until the server hangs up, and each attempt would leave another one.
 */
export class OwnSockets {
  static readonly #current = new AsyncLocalStorage<OwnSockets>()
  readonly #sockets = new Set<Socket>()

  static {
    subscribe('net.client.socket', (message) => {
      const own = OwnSockets.#current.getStore()
      if (own) own.#add((message as { socket: Socket }).socket)
    })
  }

  /** Whatever socket is opened by `connect`, now or later, is known. */
  run<T>(connect: () => T): T {
    return OwnSockets.#current.run(this, connect)
  }

  /** Ends them at once. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  /** A connection has one at a time: who opens the next has given up the one before. */
  #add(socket: Socket): void {
    this.destroy()
    this.#sockets.add(socket)
  }
}
