import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: Buffer
  readonly milliseconds: number
}

/**
 * One request at a time over one open connection. It does next to nothing itself, so that a difference between two
 * servers is not drowned in what a whole HTTP client does.
 */
export class Probe {
  readonly #socket: Socket
  readonly #request: string
  #received: Buffer[] = []
  #onData = () => {}
  #onLost = (_: Error) => {}

  private constructor(socket: Socket, request: string) {
    this.#socket = socket
    this.#request = request
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#received.push(chunk)
      this.#onData()
    })
    socket.on('error', (error) => this.#onLost(error))
    socket.on('close', () => this.#onLost(new Error('the server closed the connection')))
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Probe> {
    const { hostname, port, host, pathname, search } = new URL(url)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}\r\n`
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Probe(socket, request)
  }

  /** Asks and waits for the whole answer. @throws if the connection is lost */
  ask(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#onLost = reject
      this.#received = []
      const started = performance.now()
      // A large answer comes in many pieces: they are put together once, when all are there.
      let [wanted, length] = [0, 0]
      this.#onData = () => {
        length += this.#received.at(-1)!.length
        if (length < wanted) return
        wanted = wantedBy(this.#received)
        if (length < wanted) return
        const answer = parse(this.#received)
        if (answer) resolve({ ...answer, milliseconds: performance.now() - started })
      }
      this.#socket.write(this.#request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Bytes of the whole answer, as its head says; 0 while that is not there. */
function wantedBy(chunks: readonly Buffer[]): number {
  const head = Buffer.concat(chunks.slice(0, 4))
  const end = head.indexOf('\r\n\r\n')
  const length = Number(/^content-length: (\d+)/im.exec(head.toString('latin1', 0, Math.max(0, end)))?.[1])
  return end < 0 || !Number.isInteger(length) ? 0 : end + 4 + length
}

function parse(chunks: readonly Buffer[]): Omit<Answer, 'milliseconds'> | undefined {
  const received = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.toString('latin1', 0, end)
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1])
  if (!Number.isInteger(length)) throw new Error(`an answer without Content-Length: ${head}`)
  const body = received.subarray(end + 4)
  return body.length < length ? undefined : { status: Number(head.slice(9, 12)), body }
}
