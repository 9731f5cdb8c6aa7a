import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import type { LiveFigures } from '../../metrics/live-figures.ts'
import type { Answer } from '../../queries/results.ts'
import { answerClientError } from '../client-errors.ts'
import type { LiveHub } from './hub.ts'
import { closeCodes, type LiveLimits } from './limits.ts'
import { OpenSocket } from './open-socket.ts'
import type { Upgrade } from './upgrades.ts'

declare module 'ws' {
  interface ServerOptions {
    /** How long it waits for the peer's close, milliseconds. */
    closeTimeout?: number
  }
}

/** A peer that does not answer a close is broken off after this time. */
const CLOSE_MS = 1000
/** Nothing is to be sent here; it takes some bytes to say so. */
const MAX_PAYLOAD = 64
const SLICE = 100

const notAHandshake = 'This is not a WebSocket handshake as RFC 6455 defines it.'

interface LiveSocketsOptions extends LiveLimits {
  readonly hub: LiveHub
  readonly figures: LiveFigures
}

/** The open sockets of this process. */
export class LiveSockets {
  readonly #options: LiveSocketsOptions
  readonly #open = new Set<OpenSocket>()
  readonly #byAddress = new Map<string, number>()
  readonly #pinging: NodeJS.Timeout
  #isEnding = false
  // Compressed messages would cost a window of memory for each of them, and work for each message.
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
    closeTimeout: CLOSE_MS,
  })

  constructor(options: LiveSocketsOptions) {
    this.#options = options
    this.#server.on('wsClientError', (error, socket) =>
      answerClientError(error, socket as Socket, notAHandshake),
    )
    this.#pinging = setInterval(() => void this.#ping(), options.pingMs).unref()
  }

  /** Shakes hands and sends what is new from `answer` on. @param address whose socket it is */
  accept(request: IncomingMessage, { socket, head }: Upgrade, answer: Answer, address: string): void {
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', ignore)
      if (this.#isEnding) return opened.close(closeCodes.ending, 'restarting')
      if (!this.#hasRoomFor(address)) {
        this.#options.figures.refused()
        return opened.close(closeCodes.full, 'too many are watching')
      }
      this.#add(opened, answer, address)
    })
  }

  /** Sends everybody elsewhere, and from now on whoever comes, too. */
  close(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    clearInterval(this.#pinging)
    for (const each of this.#open) each.end('ending', 'restarting')
  }

  #hasRoomFor(address: string): boolean {
    const { sockets, socketsPerAddress } = this.#options
    return this.#open.size < sockets && (this.#byAddress.get(address) ?? 0) < socketsPerAddress
  }

  #add(opened: WebSocket, answer: Answer, address: string): void {
    const { hub, figures } = this.#options
    const { poll } = answer.aggregate.definition
    const socket = new OpenSocket(opened, poll)
    this.#open.add(socket)
    this.#count(address, 1)
    figures.opened()
    opened.once('close', () => {
      this.#open.delete(socket)
      this.#count(address, -1)
      hub.remove(poll, socket)
      figures.closed(socket.ending)
    })
    hub.add(answer, socket)
  }

  #count(address: string, change: 1 | -1): void {
    const sockets = (this.#byAddress.get(address) ?? 0) + change
    if (sockets === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, sockets)
  }

  async #ping(): Promise<void> {
    let inSlice = 0
    for (const socket of this.#open) {
      if (socket.ping()) this.#options.hub.remind(socket.poll, socket, this.#options.pingMs * 0.9)
      if (++inSlice % SLICE === 0) await setImmediate()
    }
  }
}

/** What happens is told by 'close', too. */
const ignore = () => {}
