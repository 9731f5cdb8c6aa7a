import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { quietPort } from '../support/world/ports.ts'

/** A request that reached the program, and how it was answered. */
export interface Reached {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  status?: number | undefined
}

type Headers = Record<string, string | string[] | undefined>

/**
 * Stands before a running service and counts what comes. It can be held up, fail, and be gone; and it can change what the
 * headers say, so that nobody has to wait for minutes.
 */
export class CountedOrigin {
  readonly port: number
  reached: Reached[] = []
  /** Changes the headers of what the service answers. */
  change: (headers: Headers) => Headers = (headers) => headers
  /** Instead of the service's answer. */
  failure: number | undefined
  readonly #service: string
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #held: Promise<void> | undefined

  private constructor(service: string, port: number) {
    this.#service = service
    this.port = port
  }

  static async start(service: string): Promise<CountedOrigin> {
    const origin = new CountedOrigin(service, await quietPort())
    await origin.resume()
    return origin
  }

  /** What has reached it of an address. */
  to = (url: string): Reached[] => this.reached.filter((each) => each.url === url)

  /** Answers nobody. @returns what has it answer everybody again */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held = promise
    return () => {
      this.#held = undefined
      resolve()
    }
  }

  async resume(): Promise<void> {
    const server = createServer((asked, answer) => void this.#answer(asked, answer))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('upgrade', echo)
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.#server = server
  }

  /** As if its machine had lost its power: connections are cut, and nobody listens. */
  async die(): Promise<void> {
    const closed = new Promise((resolve) => this.#server!.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = asked
    const reached: Reached = { method, url, headers }
    this.reached.push(reached)
    await this.#held
    if (this.failure !== undefined) {
      reached.status = this.failure
      answer.writeHead(this.failure, { 'cache-control': 'no-store' }).end('failed')
      return
    }
    const passed = request(this.#service + url, { method, headers }, (response) => {
      reached.status = response.statusCode
      answer.writeHead(response.statusCode!, this.change(response.headers))
      response.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  }
}

/** A socket of its own protocol, which says what it is told. */
function echo({ headers }: IncomingMessage, socket: Socket): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${headers.upgrade}\r\n\r\n`,
  )
  socket.pipe(socket)
}
