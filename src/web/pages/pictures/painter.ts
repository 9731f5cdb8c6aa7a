import { Worker } from 'node:worker_threads'
import { withDeadline } from '../../../deadline.ts'
import { Problem } from '../../../errors.ts'
import type { PictureJob, PictureMessage, Sketch } from './picture-worker.ts'

/** A thread that nobody asks for so long is ended. */
const IDLE_MS = 60_000
/** A picture takes about a tenth of a second; on a busy machine several. */
const DEADLINE_MS = 15_000
/** So many may wait, the one that is being drawn included. */
const MOST_WAITING = 16
const RETRY_AFTER_SECONDS = 5

type Waiting = ReturnType<typeof Promise.withResolvers<Buffer>>

/** Makes PNGs in a thread, which is started when it is first needed. */
export class Painter {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0

  /** @throws {Problem} RESULTS_UNAVAILABLE if too many pictures are asked for, or none can be drawn */
  async png(sketch: Sketch): Promise<Buffer> {
    if (this.#waiting.size >= MOST_WAITING) throw unavailable('Too many pictures are being drawn.')
    clearTimeout(this.#idle)
    const id = ++this.#last
    const waiting = Promise.withResolvers<Buffer>()
    this.#waiting.set(id, waiting)
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage({ id, sketch } satisfies PictureJob)
      return await withDeadline(DEADLINE_MS, 'the picture', waiting.promise)
    } catch (cause) {
      if (!(cause instanceof CannotBeDrawn)) await this.close()
      throw unavailable('The picture cannot be drawn.', cause)
    } finally {
      this.#waiting.delete(id)
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(new Error('the thread was ended'))
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('picture-worker.ts', import.meta.url))
    worker.unref()
    worker.on('message', (message: PictureMessage) => {
      const waiting = this.#waiting.get(message.id)
      if ('error' in message) waiting?.reject(new CannotBeDrawn(message.error))
      else waiting?.resolve(Buffer.from(message.png))
    })
    const lost = (error: unknown) => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      for (const { reject } of this.#waiting.values()) reject(error)
    }
    worker.on('error', lost)
    worker.on('exit', () => lost(new Error('the thread ended without an answer')))
    return worker
  }
}

/** It is this picture's fault: the thread can go on. */
class CannotBeDrawn extends Error {
  override readonly name = 'CannotBeDrawn'
}

const unavailable = (detail: string, cause?: unknown): Problem =>
  new Problem('RESULTS_UNAVAILABLE', { detail, retryAfter: RETRY_AFTER_SECONDS, cause })
