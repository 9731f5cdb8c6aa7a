import type { EventEmitter } from 'node:events'
import { EventLogUnavailable } from '../event-log.ts'

/** The part of a stream of the client's that is used here. */
type Source = Pick<EventEmitter, 'on'> & { pause(): unknown; resume(): unknown; isPaused(): boolean }

/** Above so many items the stream waits for its reader. */
const FULL = 2000

/**
 * What streams of the EventStoreDB client deliver, kept in order until somebody takes it, all of it at once. The
 * streams' own iterators will not do: they hang for ever when their call is cancelled, and do not end it when left.
 */
export class Inbox<Item> {
  #items: Item[] = []
  #error: Error | undefined
  #ended = false
  #wake = () => {}
  #stream: Source | undefined

  /** Takes in what `stream` delivers, until it ends or fails. */
  fill<Delivered>(stream: Source, toItem: (delivered: Delivered) => Item): void {
    this.#stream = stream
    stream.on('data', (delivered: Delivered) => this.put(toItem(delivered)))
    stream.on('error', (error: Error) => this.end(error))
    stream.on('end', () => this.end())
    stream.on('close', () => this.end())
  }

  put(item: Item): void {
    this.#items.push(item)
    if (this.#items.length >= FULL) this.#stream?.pause()
    this.#wake()
  }

  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake()
  }

  /**
   * Everything that has come since, at least one; nothing when the stream has ended.
   * @throws what the stream failed with, once everything before is taken
   * @throws {EventLogUnavailable} when nothing comes within `timeoutMs`
   */
  async take(timeoutMs?: number): Promise<Item[]> {
    if (this.#items.length === 0 && !this.#ended) await this.#something(timeoutMs)
    const items = this.#items
    this.#items = []
    if (this.#stream?.isPaused()) this.#stream.resume()
    if (items.length === 0 && this.#error) throw this.#error
    return items
  }

  #something(timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new EventLogUnavailable(`the event log has been silent for ${timeoutMs} ms`))
      const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** All that `reading` delivers. @throws {EventLogUnavailable} when it is not complete by `deadline`, ms since the epoch */
export async function takeAll<Item>(
  reading: Source & { cancel(): Promise<void> },
  deadline: number,
): Promise<Item[]> {
  const inbox = new Inbox<Item>()
  inbox.fill(reading, (item: Item) => item)
  const all: Item[] = []
  try {
    for (;;) {
      const items = await inbox.take(Math.max(1, deadline - Date.now()))
      if (items.length === 0) return all
      all.push(...items)
    }
  } finally {
    reading.cancel().catch(() => {})
  }
}
