import { WebSocket } from 'ws'
import type { z } from 'zod'
import type { LiveView } from '../../src/web/live/live-view.ts'
import { eventually } from '../support/eventually.ts'

export type Message = z.infer<typeof LiveView>

/** Somebody who watches a poll. */
export interface Watcher {
  readonly socket: WebSocket
  /** What came, with when; milliseconds of the clock that never goes back. */
  readonly messages: { readonly view: Message; readonly at: number }[]
  /** Why it was closed, once it is. */
  readonly closed: { code: number; reason: string } | undefined
  /** Waits until a message says that so many are counted. */
  sees(counted: number): Promise<Message>
  close(): void
}

const liveUrl = (url: string, poll = 'us-federal'): string =>
  `${url.replace(/^http/, 'ws')}/api/polls/${poll}/live`

/** Opens a socket, and waits until it is open. @throws if it is refused: with the status */
export async function watch(
  url: string,
  options: { poll?: string; origin?: string; headers?: Record<string, string> } = {},
): Promise<Watcher> {
  const { poll, ...rest } = options
  const socket = new WebSocket(liveUrl(url, poll), { perMessageDeflate: true, ...rest })
  const messages: Watcher['messages'] = []
  let closed: Watcher['closed']
  socket.on('message', (data: Buffer) =>
    messages.push({ view: JSON.parse(data.toString()), at: performance.now() }),
  )
  socket.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() }
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('error', () => {})
  return {
    socket,
    messages,
    get closed() {
      return closed
    },
    sees: (counted) =>
      eventually(() => {
        const found = messages.find(({ view }) => view.submissions.counted === counted)
        if (!found)
          throw new Error(
            `of ${counted} nothing was heard; last: ${messages.at(-1)?.view.submissions.counted}, closed: ${closed?.code}`,
          )
        return found.view
      }),
    close: () => socket.close(),
  }
}
