import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ExactEvent } from '../events/log-copy.ts'
import { BadBackup, NoBackup } from './bad-backup.ts'
import { readLine } from './event-line.ts'
import { FORMAT_VERSION, Manifest, readTrailer, TRAILER_BYTES } from './manifest.ts'

const decompress = promisify(zstdDecompress)
/** Larger than any frame that was ever written, but for single events of this size. */
const maxOutputLength = 256 * 1024 * 1024
const EVENTS_PER_BATCH = 1000
/** The first bytes of a zstd frame, with which a backup begins however badly it is cut off. */
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

export interface OpenBackup {
  readonly manifest: Manifest
  readonly bytes: number
  /**
   * Every event, in order, as `writeBackup` got it; each part is compared with its SHA-256 before anything of it is
   * given, the whole in the end.
   * @throws {BadBackup} naming what is wrong
   */
  readonly events: (options: ReadOptions) => AsyncGenerator<ExactEvent[]>
  /** SHA-256 of the whole file; known once every event was read. */
  readonly sha256: () => string
  readonly close: () => Promise<void>
}

interface ReadOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (fraction: number, events: number) => void
}

/** Opens a backup, and reads what it says of itself. @throws {BadBackup} */
export async function openBackup(path: string): Promise<OpenBackup> {
  const file = await open(path)
  try {
    const stat = await file.stat()
    const { size } = stat
    if (!stat.isFile()) throw new NoBackup(stat.isDirectory() ? 'it is a folder' : 'it is not a file')
    const reader = new BackupReader(path, file, size)
    const manifest = await reader.open()
    return {
      manifest,
      bytes: size,
      events: (options) => reader.events(manifest, options),
      sha256: () => reader.sha256,
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw named(path, error)
  }
}

class BackupReader {
  readonly #path: string
  readonly #file: FileHandle
  readonly #size: number
  #end: Buffer = Buffer.alloc(0)
  #sha256: string | undefined

  constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  get sha256(): string {
    if (this.#sha256 === undefined) throw new RangeError('the file was not read to its end')
    return this.#sha256
  }

  async open(): Promise<Manifest> {
    const start = await this.#read(0, Math.min(this.#size, MAGIC.length))
    if (this.#size === 0) throw new NoBackup('it is empty')
    if (!start.equals(MAGIC)) throw new NoBackup('it is no backup of this program')
    if (this.#size < TRAILER_BYTES) throw new BadBackup('it is cut off, or no backup of this program')
    const trailer = await this.#read(this.#size - TRAILER_BYTES, TRAILER_BYTES)
    const { offset, bytes, sha256 } = readTrailer(trailer)
    if (offset + bytes + TRAILER_BYTES !== this.#size)
      throw new BadBackup(`it has ${this.#size} bytes instead of ${offset + bytes + TRAILER_BYTES}`)
    const frame = await this.#read(offset, bytes)
    if (digestOf(frame) !== sha256) throw damaged(offset, bytes, 'its manifest')
    this.#end = Buffer.concat([frame, trailer])
    const json: unknown = JSON.parse((await decompress(frame, { maxOutputLength })).toString())
    const { version } = json as { version?: unknown }
    if (Number(version) > FORMAT_VERSION)
      throw new BadBackup(`it was made by a newer version of this program (its format is ${String(version)})`)
    const manifest = Manifest.safeParse(json)
    if (!manifest.success) throw new BadBackup(`its manifest is not right: ${manifest.error.message}`)
    return manifest.data
  }

  async *events(manifest: Manifest, { signal, onProgress }: ReadOptions): AsyncGenerator<ExactEvent[]> {
    const [ofParts, ofFile] = [createHash('sha256'), createHash('sha256')]
    const { parts } = manifest
    let [next, count, last] = [this.#load(parts[0]), 0, 0n]
    try {
      for (const [index, part] of parts.entries()) {
        signal.throwIfAborted()
        const { frame, lines } = await next
        next = this.#load(parts[index + 1])
        ofParts.update(frame)
        ofFile.update(frame)
        if (index === 0) continue
        if (lines.length !== part[0])
          throw new BadBackup(`it has ${lines.length} events where ${part[0]} should be`)
        for (let at = 0; at < lines.length; at += EVENTS_PER_BATCH) {
          signal.throwIfAborted()
          const events = lines.slice(at, at + EVENTS_PER_BATCH).map(readLine)
          last = inOrder(events, last, manifest)
          count += events.length
          onProgress?.(count / manifest.events, count)
          yield events
        }
      }
    } catch (error) {
      throw named(this.#path, error)
    } finally {
      // It may still be reading.
      await next.catch(() => {})
    }
    if (
      count !== manifest.events ||
      last !== BigInt(manifest.position) ||
      ofParts.digest('hex') !== manifest.sha256
    )
      throw named(this.#path, new BadBackup('it is not what its manifest says'))
    this.#sha256 = ofFile.update(this.#end).digest('hex')
  }

  #load(part: Manifest['parts'][number] | undefined): Promise<{ frame: Buffer; lines: string[] }> {
    const loading =
      part === undefined ? Promise.resolve({ frame: Buffer.alloc(0), lines: [] }) : this.#part(part)
    // A failure that comes while nobody waits yet is met when somebody does.
    loading.catch(() => {})
    return loading
  }

  async #part([, offset, bytes, sha256]: Manifest['parts'][number]) {
    const frame = await this.#read(offset, bytes)
    if (digestOf(frame) !== sha256) throw damaged(offset, bytes, 'events')
    const text = (await decompress(frame, { maxOutputLength })).toString()
    return { frame, lines: text.slice(0, -1).split('\n') }
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset)
    if (bytesRead < length) throw new BadBackup(`it is cut off at byte ${offset + bytesRead}`)
    return bytes
  }
}

/** @returns the last position */
function inOrder(events: readonly ExactEvent[], before: bigint, { log }: Manifest): bigint {
  let last = before
  for (const { position } of events) {
    const right = log === 'postgres' ? position === last + 1n : position > last
    if (!right) throw new BadBackup(`position ${position} comes after ${last}`)
    last = position
  }
  return last
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const damaged = (offset: number, bytes: number, what: string): BadBackup =>
  new BadBackup(`it is damaged between the bytes ${offset} and ${offset + bytes} (${what})`)

/** Whoever cannot use a backup is told which. */
const named = (path: string, error: unknown): unknown =>
  error instanceof BadBackup && !error.message.startsWith(path)
    ? new (error instanceof NoBackup ? NoBackup : BadBackup)(`${path} cannot be used: ${error.message}.`, {
        cause: error,
      })
    : error
