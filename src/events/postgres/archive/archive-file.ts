/** Reading a month's archive. Everything that is read is checked against the digests that the log keeps of it. */
import { createHash, webcrypto } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { EventLogUnavailable, type Position } from '../../event-log.ts'
import { ArchivedGroup } from './archived-event.ts'

/** A part of the file: events, where it begins, bytes, SHA-256. The last one is the footer, with 0 events. */
export type FilePart = readonly [events: number, offset: number, bytes: number, sha256: string]

/** What the log knows of the archive of a month. */
export interface Archive {
  /** `2026-10` */
  readonly month: string
  readonly first: Position
  readonly last: Position
  /** Below the folder of the archives. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly parts: readonly FilePart[]
}

/** Whoever cannot read an archive is told which, where it was looked for, and why. */
function unreadable(
  { month, file }: Archive,
  folder: string | undefined,
  cause: unknown,
): EventLogUnavailable {
  const { code, message } = cause as NodeJS.ErrnoException
  const where = folder === undefined ? file : join(folder, file)
  const reason = code === 'ENOENT' ? 'there is no such file (every process needs ARCHIVE_DIR)' : message
  return new EventLogUnavailable(
    `the archive of the events of ${month}, ${where}, cannot be read: ${reason}`,
    {
      cause,
    },
  )
}

/** The archives in a folder. Their footers are read once. */
export class Archives {
  readonly #folder: string | undefined
  readonly #footers = new Map<string, FileMetaData>()

  /** @param folder undefined: there are none here */
  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /**
   * The row groups that hold events after `after` up to `upTo`, each with the position of its first event. The next one
   * is read while one is worked on.
   * @throws {EventLogUnavailable} the file is missing, or is not what was archived
   */
  async *groups(
    archive: Archive,
    after: Position,
    upTo: Position,
  ): AsyncGenerator<{ first: Position; group: ArchivedGroup }> {
    let file: FileHandle | undefined
    let next: Promise<ArchivedGroup> | undefined
    try {
      if (this.#folder === undefined) throw new Error('ARCHIVE_DIR is not known here')
      file = await open(join(this.#folder, archive.file))
      const metadata = await this.#footer(archive, file)
      const wanted = groupsWithin(archive, after, upTo)
      const load = (index: number) => {
        const each = wanted[index]
        return each && watched(readGroup(file!, metadata, each))
      }
      next = load(0)
      for (const [index, { first }] of wanted.entries()) {
        const group = await next!
        next = load(index + 1)
        yield { first, group }
      }
    } catch (error) {
      throw error instanceof EventLogUnavailable ? error : unreadable(archive, this.#folder, error)
    } finally {
      // It may still be reading.
      await next?.catch(() => {})
      await file?.close()
    }
  }

  /** Reads the whole file. @throws {EventLogUnavailable} it is missing, or is not what was archived */
  async check(archive: Archive): Promise<void> {
    try {
      if (this.#folder === undefined) throw new Error('ARCHIVE_DIR is not known here')
      const hash = createHash('sha256')
      await pipeline(createReadStream(join(this.#folder, archive.file)), hash)
      if (hash.digest('hex') !== archive.sha256) throw new Error('its SHA-256 is another one')
    } catch (error) {
      throw unreadable(archive, this.#folder, error)
    }
  }

  async #footer(archive: Archive, file: FileHandle): Promise<FileMetaData> {
    const known = this.#footers.get(archive.sha256)
    if (known) return known
    const { size } = await file.stat()
    if (size !== archive.bytes) throw new Error(`it has ${size} bytes instead of ${archive.bytes}`)
    const bytes = await readPart(file, archive.parts.at(-1)!)
    const metadata = parquetMetadata(bytes.buffer as ArrayBuffer)
    this.#footers.set(archive.sha256, metadata)
    return metadata
  }
}

/** A failure that comes while nobody waits yet must not end the process: it is met when somebody does. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

interface WantedGroup {
  readonly part: FilePart
  readonly number: number
  readonly first: Position
}

function groupsWithin({ parts, first }: Archive, after: Position, upTo: Position): WantedGroup[] {
  const found: WantedGroup[] = []
  let position = first
  for (const [number, part] of parts.slice(0, -1).entries()) {
    const next = position + BigInt(part[0])
    if (next - 1n > after && position <= upTo) found.push({ part, number, first: position })
    position = next
  }
  return found
}

async function readGroup(file: FileHandle, metadata: FileMetaData, { part, number, first }: WantedGroup) {
  const bytes = await readPart(file, part)
  return await ArchivedGroup.open(bytes, part[1], metadata, metadata.row_groups[number]!, first)
}

async function readPart(file: FileHandle, [, offset, length, sha256]: FilePart): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length))
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  if (bytesRead < length) throw new Error(`it ends at byte ${offset + bytesRead}`)
  // In another thread, unlike createHash.
  const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
  if (digest !== sha256) throw new Error(`it is damaged between the bytes ${offset} and ${offset + length}`)
  return bytes
}
