import { on } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { collectYoung } from '../../threads/collect-garbage.ts'
import {
  type ExportWorkerData,
  errorOf,
  type FileMessage,
  type FileWanted,
  PIECE_BYTES,
  PIECES_AHEAD,
  Places,
  TAKEN,
} from './export-messages.ts'
import type { FileInMaking, Files } from './files.ts'
import type { ExportFormat } from './formats.ts'
import type { KnownMoment } from './moments.ts'

/** A thread of which nobody wants anything for so long is ended. */
const IDLE_MS = 30_000

/**
 * Left to itself, the heap grows by what a fast export throws away, to hundreds of megabytes, because nothing presses.
 * These are for all exports at once, in megabytes.
 */
const HEAP = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 96 }

/** Bytes taken, of all files, after which they are freed here. */
const COLLECT_EVERY = 16 * 1024 * 1024

/** Makes files in one thread for all of them, started when it is first needed: serving goes on beside it. */
export class ExportThread implements Files {
  readonly #data: ExportWorkerData
  #worker: Worker | undefined
  #underWay = 0
  /** Bytes since it was freed last. */
  #taken = 0
  #idle: NodeJS.Timeout | undefined
  /** Why the last thread ended, if it was not told to. */
  #died: Error | undefined

  constructor(data: ExportWorkerData) {
    this.#data = data
  }

  async make(moment: KnownMoment, format: ExportFormat, signal: AbortSignal): Promise<FileInMaking> {
    const places = new SharedArrayBuffer(PIECES_AHEAD * PIECE_BYTES)
    const port = this.#want({ moment, format, places })
    signal.addEventListener('abort', () => port.close(), { once: true })
    const said = this.#said(port, signal)
    const { value: begun } = await said.next()
    if (begun && 'failure' in begun) throw errorOf(begun.failure)
    let [rows, sha256] = [0, undefined as string | undefined]
    const collect = (bytes: number) => this.#collect(bytes)
    const chunks = async function* () {
      const pieces = new Places(places)
      for await (const message of said) {
        if ('failure' in message) throw errorOf(message.failure)
        if ('rows' in message) rows = message.rows
        if ('sha256' in message) {
          sha256 = message.sha256
          return
        }
        if (!('bytes' in message)) continue
        yield pieces.take(message.bytes)
        collect(message.bytes)
        port.postMessage(TAKEN)
      }
    }
    return { chunks: chunks(), rows: () => rows, sha256: () => sha256 }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  /** What the thread says of a file. @throws if it ends before the file does */
  async *#said(port: MessagePort, signal: AbortSignal): AsyncGenerator<FileMessage, undefined> {
    for await (const [message] of on(port, 'message', { close: ['close'] })) yield message as FileMessage
    signal.throwIfAborted()
    throw new Error('the thread that makes exports has ended', { cause: this.#died })
  }

  #want(wanted: Omit<FileWanted, 'port'>): MessagePort {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    this.#underWay++
    const { port1, port2 } = new MessageChannel()
    port1.once('close', () => {
      if (--this.#underWay > 0) return
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
    })
    this.#worker.postMessage({ ...wanted, port: port2 } satisfies FileWanted, [port2])
    return port1
  }

  #collect(bytes: number): void {
    this.#taken += bytes
    if (this.#taken < COLLECT_EVERY) return
    this.#taken = 0
    collectYoung()
  }

  #start(): Worker {
    const url = new URL('export-worker.ts', import.meta.url)
    const worker = new Worker(url, { workerData: this.#data, resourceLimits: HEAP })
    worker.once('error', (error: Error) => {
      this.#died = error
    })
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
