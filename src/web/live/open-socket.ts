import type { WebSocket } from 'ws'
import type { Ending } from '../../metrics/live-figures.ts'
import { closeCodes } from './limits.ts'
import type { Reader } from './reader.ts'

/** A socket that watches a poll. */
export class OpenSocket implements Reader {
  readonly poll: string
  readonly #socket: WebSocket
  #isAlive = true
  ending: Ending = 'left'

  constructor(socket: WebSocket, poll: string) {
    this.#socket = socket
    this.poll = poll
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('message', () => this.end('talking', 'nothing is to be sent here'))
  }

  get waiting(): number {
    return this.#socket.bufferedAmount
  }

  send(message: Buffer): void {
    // A buffer would go out as binary. Once it is closing, nobody reads on.
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message, { binary: false })
  }

  drop(): void {
    this.#breakOff('slow')
  }

  /** @returns whether it is alive, as far as we know */
  ping(): boolean {
    if (!this.#isAlive) {
      this.#breakOff('silent')
      return false
    }
    this.#isAlive = false
    this.#socket.ping()
    return true
  }

  /** With a word, for who still listens. */
  end(ending: 'ending' | 'talking', reason: string): void {
    this.ending = ending
    this.#socket.close(closeCodes[ending], reason)
  }

  #breakOff(ending: Ending): void {
    this.ending = ending
    this.#socket.terminate()
  }
}
