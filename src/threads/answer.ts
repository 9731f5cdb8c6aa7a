import { parentPort } from 'node:worker_threads'
import { type Jobs, type RequestOf, STOP, type ThreadMessage } from './messages.ts'

const PROGRESS_EVERY_MS = 200

/** What a job may say before its answer, and when it has to stop. */
export interface Answering {
  readonly signal: AbortSignal
  readonly onProgress: (events: number, of?: number) => void
  readonly onWarning: (warning: string) => void
}

/** In the thread: answers one question after the other, for as long as it runs. */
export function answerQuestions<All extends Jobs<Extract<keyof All, string>>>(
  work: (request: RequestOf<All>, answering: Answering) => Promise<unknown>,
): void {
  const say = (message: ThreadMessage) => parentPort?.postMessage(message)
  let stop = new AbortController()
  parentPort?.on('message', (request: RequestOf<All> | typeof STOP) => {
    if (request === STOP) return stop.abort()
    stop = new AbortController()
    const onWarning = (warning: string) => say({ warning })
    work(request, { signal: stop.signal, onProgress: nowAndThen(say), onWarning }).then(
      (answer) => say({ answer }),
      ({ message, name }: Error) => say({ error: message, name }),
    )
  })
}

function nowAndThen(say: (message: ThreadMessage) => void) {
  let told = performance.now()
  return (events: number, of?: number) => {
    if (performance.now() - told < PROGRESS_EVERY_MS) return
    told = performance.now()
    say({ events, ...(of !== undefined && { of }) })
  }
}
