import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { ArchiveDiffers } from '../../log-archive.ts'
import type { LogMonth } from '../months.ts'
import { copyStatement, EVENTS_PER_COPY, type RowSource, readLines } from '../read-rows.ts'
import { type Archive, Archives } from './archive-file.ts'
import { EXACT_COLUMNS, lineOf, parseLine, type StoredLine } from './stored-line.ts'
import { writeArchive } from './write-archive.ts'

export interface ArchiveOptions {
  /** Where archives are kept. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Told how far it is: every event is written once and read once. */
  readonly onProgress: (fraction: number, events: number) => void
}

/**
 * Writes a month that is over to a file in `folder`, reads it back, and has the log remember it. The month's partition
 * stays. Killed at any moment it leaves the partition, and at most a file that the next try replaces or takes over.
 * @throws the signal's reason if it aborts
 */
export async function archiveMonth(
  source: RowSource,
  month: LogMonth,
  { folder, signal, onProgress }: ArchiveOptions,
): Promise<Archive> {
  const { last } = month
  if (last === undefined) throw new ArchiveDiffers(`the month ${month.month} is not over`)
  await mkdir(folder, { recursive: true })
  await removeUnfinished(folder, month)
  const unfinished = join(folder, `${unfinishedPrefix(month)}${randomUUID()}.part`)
  const events = Number(last - month.first) + 1
  const hash = createHash('sha256')
  try {
    const done = (count: number) => onProgress(count / events / 2, count)
    const written = await writeArchive(unfinished, exactLines(source, month, hash, done, signal), {
      month: month.month,
      first_position: String(month.first),
      last_position: String(last),
    })
    const digest = hash.digest('hex')
    const archive = (file: string): Archive => ({
      month: month.month,
      first: month.first,
      last,
      file,
      ...written,
    })
    const checked = (count: number) => onProgress(0.5 + count / events / 2, count)
    const digestOfFile = await digestOf(archive(basename(unfinished)), folder, checked, signal)
    if (digestOfFile !== digest)
      throw new ArchiveDiffers(`the archive of ${month.month} differs from the log: it is not kept`)
    // Its digest in its name: what another log archives into the same folder is another file.
    const file = `events-${month.month}-${written.sha256.slice(0, 12)}.parquet`
    await rename(unfinished, join(folder, file))
    await writeSidecar(folder, archive(file), digest)
    await syncFolder(folder)
    await remember(source.pool, archive(file), digest)
    return archive(file)
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** The rows of the month as COPY writes them; `hash` gets every one. */
async function* exactLines(
  source: RowSource,
  { table, first, last }: LogMonth,
  hash: ReturnType<typeof createHash>,
  done: (events: number) => void,
  signal: AbortSignal,
): AsyncGenerator<StoredLine[]> {
  let position = first - 1n
  while (position < last!) {
    const from = position
    const statement = copyStatement(from, from + EVENTS_PER_COPY, table, EXACT_COLUMNS)
    for await (const lines of readLines(source, statement, signal)) {
      for (const line of lines) hash.update(`${line}\n`)
      const stored = lines.map(parseLine)
      for (const line of stored)
        if (line.position !== ++position)
          throw new ArchiveDiffers(`the log has position ${line.position} where ${position} should be`)
      yield stored
      done(Number(position - first) + 1)
    }
    if (position === from) throw new ArchiveDiffers(`the log has nothing after position ${from}`)
  }
}

/** The digest of the rows as COPY would write them, out of the file; and what is packed is what the text says. */
async function digestOf(
  archive: Archive,
  folder: string,
  done: (events: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  const { first, last } = archive
  for await (const { first: start, group } of new Archives(folder).groups(archive, first - 1n, last)) {
    for (let row = 0; row < group.events; row++) {
      signal.throwIfAborted()
      hash.update(`${lineOf(group, row)}\n`)
      const { data, position } = group.event(row)
      if (!isDeepStrictEqual(data, JSON.parse(group.value('data', row))))
        throw new ArchiveDiffers(`the event at ${position} is packed wrongly`)
    }
    done(Number(start - first) + group.events)
  }
  return hash.digest('hex')
}

const unfinishedPrefix = ({ month, first, last }: LogMonth): string => `.events-${month}-${first}-${last}-`

/** What an earlier try has left behind, which was killed. There is one archiver at a time. */
async function removeUnfinished(folder: string, month: LogMonth): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(unfinishedPrefix(month)) && name.endsWith('.part')) await rm(join(folder, name))
}

/** What the log remembers of it, beside the file: for people, and for `sha256sum`. */
async function writeSidecar(folder: string, archive: Archive, digest: string): Promise<void> {
  const { file, month, first, last, bytes, sha256 } = archive
  const about = {
    file,
    sha256,
    bytes,
    month,
    first: `${first}`,
    last: `${last}`,
    events: Number(last - first) + 1,
  }
  const path = join(folder, `${file}.json`)
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(`${JSON.stringify({ ...about, rowsSha256: digest }, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
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

async function remember(pool: pg.Pool, archive: Archive, digest: string): Promise<void> {
  const { month, file, bytes, sha256, parts, first, last } = archive
  const { rowCount } = await pool.query(
    `update log_months
        set file = $2, bytes = $3, sha256 = $4, digest = $5, parts = $6, archived_at = clock_timestamp()
      where month = $1::date and first_position = $7 and last_position = $8 and dropped_at is null`,
    [`${month}-01`, file, bytes, sha256, digest, JSON.stringify(parts), first, last],
  )
  if (rowCount !== 1) throw new ArchiveDiffers(`the month ${month} has changed meanwhile`)
}
