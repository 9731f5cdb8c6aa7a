import { request } from 'node:http'
import { connect } from 'node:net'
import type { ApiAnswer } from './api-client.ts'

export interface RawRequest {
  readonly method: string
  /** Sent as it is: a URL would be put in order first. */
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
}

/** Sends a request that no well-behaved client would send. */
export function askRaw(url: string, { method, path, headers = {}, body }: RawRequest): Promise<ApiAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const entries = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
        const received = new Headers(entries as [string, string][])
        const isJson =
          /^application\/([\w.-]+\+)?json\b/.test(received.get('content-type') ?? '') && text !== ''
        resolve({
          status: answer.statusCode!,
          headers: received,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Writes bytes into a connection, and returns what comes back until it is closed. */
export function converse(url: string, bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => socket.end(bytes))
    socket.on('data', (chunk) => {
      received += chunk
    })
    // A reset after the answer is the server's way to say that it will not read on.
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
  })
}
