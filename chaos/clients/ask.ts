import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** The caller goes away after this time. */
  readonly timeoutMs: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** No answer within the caller's time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** One connection that is kept. */
export const keptConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 })

/** One request over the connection. @throws {NoAnswer} and whatever breaks the connection */
export async function ask(
  agent: Agent,
  url: string,
  { method = 'GET', headers = {}, json, timeoutMs }: Asked,
): Promise<HttpAnswer> {
  const body = json === undefined ? undefined : JSON.stringify(json)
  const late = AbortSignal.timeout(timeoutMs)
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const sent = request(url, {
        agent,
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        signal: late,
      })
      sent.on('error', reject)
      sent.on('response', (response) => {
        const { statusCode = 0, headers } = response
        text(response).then((text) => resolve({ status: statusCode, headers, text }), reject)
      })
      sent.end(body)
    })
  } catch (error) {
    if (late.aborted) throw new NoAnswer(`no answer within ${timeoutMs} ms`)
    throw error
  }
}
