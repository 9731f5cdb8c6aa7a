/** What goes to and fro between a process and its thread that makes exports: each file has a port of its own. */
import type { MessagePort } from 'node:worker_threads'
import { Problem, type ProblemCode } from '../../errors.ts'
import type { ExportFormat } from './formats.ts'
import type { KnownMoment } from './moments.ts'

/** What the thread is started with. */
export interface ExportWorkerData {
  readonly databaseUrl: string
  /** PEM of authorities that the thread believes beside the known ones. */
  readonly tlsCa?: string | undefined
}

/** A file that is wanted, and where to send it. Who closes the port wants no more. */
export interface FileWanted {
  readonly moment: KnownMoment
  readonly format: ExportFormat
  readonly port: MessagePort
  /** `PIECES_AHEAD` places of `PIECE_BYTES` each, which the pieces go through in turn. */
  readonly places: SharedArrayBuffer
}

/** The thread is so many pieces ahead of who takes them. */
export const PIECES_AHEAD = 4
/** What is given to another thread for good is freed when the heap there is full, and not before: so it is lent. */
export const PIECE_BYTES = 64 * 1024

/** The bytes of a file on their way: the thread puts pieces in, the other side takes each out before the place is used again. */
export class Places {
  readonly #bytes: Uint8Array
  #next = 0

  constructor(places: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(places)
  }

  /** @param piece no longer than a place */
  put(piece: Uint8Array): void {
    this.#bytes.set(piece, this.#turn())
  }

  take(length: number): Buffer {
    const start = this.#turn()
    return Buffer.from(this.#bytes.subarray(start, start + length))
  }

  /** Where the next piece begins. */
  #turn(): number {
    return (this.#next++ % PIECES_AHEAD) * PIECE_BYTES
  }
}

/** Said to the thread: a piece has been taken. */
export const TAKEN = 'taken'

/** The thread says of a file that it has begun, then its pieces, then its end, or what went wrong. */
export type FileMessage =
  | { readonly begun: true }
  | { readonly bytes: number; readonly rows: number }
  | { readonly sha256: string; readonly rows: number }
  | { readonly failure: Failure }

/** An error, for another thread. */
interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: ProblemCode
  readonly retryAfter?: number | undefined
  readonly cause?: Failure
}

export function failureOf(error: unknown): Failure {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error))
  return {
    name,
    message,
    ...(error instanceof Problem && { code: error.code, retryAfter: error.retryAfter }),
    ...(cause !== undefined && { cause: failureOf(cause) }),
  }
}

/** The error again: a Problem if it was one, else something of that name. */
export function errorOf({ name, message, code, retryAfter, cause }: Failure): Error {
  const details = cause ? { cause: errorOf(cause) } : {}
  if (code) return new Problem(code, { ...details, ...(retryAfter !== undefined && { retryAfter }) })
  return Object.assign(new Error(message, details), { name })
}
