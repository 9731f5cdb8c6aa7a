/** A DNS server for tests: UDP on an address of this machine's own, answering from a list of records. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, encode, type Packet } from 'dns-packet'

/** `name type data`, as in a zone file: `www.example.test CNAME example.test`. */
export type ZoneLine = string

const REFUSED = 5
const NO_SUCH_NAME = 3
const FAILED = 2

export class DnsServer {
  /** What it knows; may be changed while it runs. */
  zone: readonly ZoneLine[]
  mood: 'answers' | 'silent' | 'refuses' | 'fails' = 'answers'
  /** Types of records that it fails on, whatever its mood. */
  failsOn: readonly string[] = []
  /** Questions that have come, `name type` each. */
  readonly asked: string[] = []
  readonly #socket: Socket

  private constructor(socket: Socket, zone: readonly ZoneLine[]) {
    this.#socket = socket
    this.zone = zone
    socket.on('message', (message, peer) => {
      const answer = this.#answer(decode(message))
      if (answer) socket.send(answer, peer.port, peer.address)
    })
  }

  /** @param address any of 127.0.0.0/8 */
  static async start(address: string, port: number, zone: readonly ZoneLine[] = []): Promise<DnsServer> {
    const socket = createSocket('udp4')
    const server = new DnsServer(socket, zone)
    socket.bind(port, address)
    await once(socket, 'listening')
    return server
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  #answer({ id, questions = [] }: Packet): Buffer | undefined {
    const [question] = questions
    if (!question || this.mood === 'silent') return undefined
    const name = question.name.toLowerCase()
    this.asked.push(`${name} ${question.type}`)
    const fails = this.mood === 'fails' || this.failsOn.includes(question.type)
    const answers = this.mood === 'answers' && !fails ? this.#records(name, question.type) : []
    const code = this.mood === 'refuses' ? REFUSED : fails ? FAILED : this.#exists(name) ? 0 : NO_SUCH_NAME
    return encode({ type: 'response', id, flags: (1 << 10) | (1 << 7) | code, questions, answers })
  }

  #exists(name: string): boolean {
    return this.#lines.some(({ owner }) => owner === name || owner.endsWith(`.${name}`))
  }

  get #lines() {
    return this.zone.map((line) => {
      const [owner = '', type = '', ...data] = line.split(' ')
      return { owner, type, data: data.join(' ') }
    })
  }

  /** What the name has of the type, after the names that it stands for. */
  #records(name: string, type: string): Answer[] {
    const own = this.#lines.filter(({ owner }) => owner === name)
    const other = own.find((line) => line.type === 'CNAME')
    if (other && type !== 'CNAME') return [recordOf(other), ...this.#records(other.data, type)]
    return own.filter((line) => line.type === type).map(recordOf)
  }
}

function recordOf({ owner, type, data }: { owner: string; type: string; data: string }): Answer {
  if (type !== 'SOA') return { name: owner, type, ttl: 1, data } as Answer
  const soa = { mname: 'ns.test', rname: 'host.test', serial: Number(data), refresh: 1, retry: 1, expire: 1 }
  return { name: owner, type: 'SOA', ttl: 1, data: { ...soa, minimum: 1 } }
}
