import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { CopiedMonth, ExactBatch } from '../events/log-copy.ts'
import { writeLine } from './event-line.ts'
import { FORMAT, FORMAT_VERSION, type Manifest, writeTrailer } from './manifest.ts'

/** Lines in a frame, characters or so: what is in memory at a time, a few times over. */
const FRAME_LENGTH = 4 * 1024 * 1024

const compress = promisify(zstdCompress)
/** A checksum in each frame, so that `zstd -t` tells what is damaged too. */
const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 }

/** What only the writer knows in the end. */
type Counted = 'format' | 'version' | 'events' | 'months' | 'parts' | 'sha256'

export interface WrittenBackup {
  readonly manifest: Manifest
  readonly bytes: number
  /** Of the whole file. */
  readonly sha256: string
}

/**
 * Writes a backup, which has its name once it is whole and on disk. Until then it is called `FILE.part`.
 * @param about asked for when every event is written
 * @throws whatever the events throw: nothing is left then
 */
export async function writeBackup(
  path: string,
  batches: AsyncIterable<ExactBatch>,
  about: () => Omit<Manifest, Counted>,
): Promise<WrittenBackup> {
  const unfinished = `${path}.part`
  const file = await open(unfinished, 'w', 0o600)
  let kept = false
  try {
    const writer = new BackupWriter(file)
    for await (const batch of batches) await writer.add(batch)
    const written = await writer.finish(about())
    await file.sync()
    await file.close()
    await rename(unfinished, path)
    kept = true
    await syncFolder(dirname(path))
    return written
  } finally {
    if (!kept) {
      await file.close().catch(() => {})
      await rm(unfinished, { force: true })
    }
  }
}

class BackupWriter {
  readonly #file: FileHandle
  readonly #parts: Manifest['parts'] = []
  readonly #months: (CopiedMonth & { events: number })[] = []
  readonly #ofParts = createHash('sha256')
  readonly #ofFile = createHash('sha256')
  #lines: string[] = [JSON.stringify({ format: FORMAT, version: FORMAT_VERSION })]
  #length = 0
  #events = 0
  #inFrame = 0
  #offset = 0
  /** The frame before, on its way to the disk. */
  #writing: Promise<void> = Promise.resolve()

  constructor(file: FileHandle) {
    this.#file = file
  }

  async add({ month, events }: ExactBatch): Promise<void> {
    if (this.#parts.length === 0 && this.#inFrame === 0) await this.#endFrame()
    const [first, last] = [events[0]!.position, events.at(-1)!.position]
    const known = this.#months.at(-1)
    if (known?.month === month)
      this.#months[this.#months.length - 1] = { ...known, last, events: known.events + events.length }
    else this.#months.push({ month, first, last, events: events.length })
    for (const event of events) {
      const line = writeLine(event)
      this.#lines.push(line)
      this.#length += line.length + 1
      this.#inFrame++
      if (this.#length >= FRAME_LENGTH) await this.#endFrame()
    }
    this.#events += events.length
  }

  async finish(about: Omit<Manifest, Counted>): Promise<WrittenBackup> {
    await this.#endFrame()
    await this.#writing
    const months = this.#months.map(({ month, first, last, events }) => ({
      month,
      first: `${first}`,
      last: `${last}`,
      events,
    }))
    const counted = { events: this.#events, months, parts: this.#parts, sha256: this.#ofParts.digest('hex') }
    const manifest: Manifest = { format: FORMAT, version: FORMAT_VERSION, ...about, ...counted }
    const frame = await compress(`${JSON.stringify(manifest)}\n`, { params })
    const digest = createHash('sha256').update(frame).digest('hex')
    const end = Buffer.concat([frame, writeTrailer(this.#offset, frame.length, digest)])
    await this.#append(end)
    return { manifest, bytes: this.#offset + end.length, sha256: this.#ofFile.digest('hex') }
  }

  /** It is compressed and written while the next one is gathered. */
  async #endFrame(): Promise<void> {
    if (this.#lines.length === 0) return
    const [text, events, before] = [`${this.#lines.join('\n')}\n`, this.#inFrame, this.#writing]
    ;[this.#lines, this.#length, this.#inFrame] = [[], 0, 0]
    const compressing = compress(text, { params })
    compressing.catch(() => {})
    await before
    this.#writing = compressing.then((frame) => this.#write(frame, events))
    // A failure is met by whoever waits for it next.
    this.#writing.catch(() => {})
  }

  async #write(frame: Buffer, events: number): Promise<void> {
    this.#parts.push([events, this.#offset, frame.length, createHash('sha256').update(frame).digest('hex')])
    this.#ofParts.update(frame)
    await this.#append(frame)
    this.#offset += frame.length
  }

  async #append(bytes: Buffer): Promise<void> {
    this.#ofFile.update(bytes)
    await this.#file.appendFile(bytes)
  }
}

/** A file's name is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
