import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MonthOfLog } from '../../events/log-archive.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { count, failed, fine, warning } from '../words.ts'

export interface ArchivesOptions {
  /** ARCHIVE_DIR. */
  readonly folder: string
  readonly months: () => Promise<readonly Pick<MonthOfLog, 'month' | 'archive' | 'dropped'>[]>
}

type Archive = NonNullable<MonthOfLog['archive']>

/** Every byte of every archive is read: as long as a disk needs for it. */
const DIGESTS_DEADLINE_MS = 1_800_000
const SHOWN = 3

/** Files that hold months of the event log: whether they are there, as long as they were. */
export const archivesCheck = (options: ArchivesOptions): Check => ({
  name: 'archives',
  routine: 'always',
  look: () => examine(options, 'archives', 'every file is there, as long as it was', isWhole),
})

/** The same to the last byte. */
export const archiveDigestsCheck = (options: ArchivesOptions): Check => ({
  name: 'archives: SHA-256',
  routine: 'weekly',
  deadlineMs: DIGESTS_DEADLINE_MS,
  look: (signal) =>
    examine(options, 'archives: SHA-256', 'of every file as it was written', (path, archive) =>
      isUnchanged(path, archive, signal),
    ),
})

/** @returns what is wrong with the file; undefined: nothing */
type Examination = (path: string, archive: Archive) => Promise<string | undefined>

async function examine(
  { folder, months }: ArchivesOptions,
  name: string,
  expected: string,
  wrongWith: Examination,
): Promise<CheckResult> {
  const archived = (await months()).flatMap((each) =>
    each.archive ? [{ ...each, archive: each.archive }] : [],
  )
  const told = { name, expected }
  const wrong: string[] = []
  let lost = false
  for (const { month, archive, dropped } of archived) {
    const path = join(folder, archive.file)
    const reason = await wrongWith(path, archive).catch(unreadable)
    if (reason === undefined) continue
    wrong.push(`${month}: ${path} ${reason}`)
    lost ||= dropped
  }
  if (wrong.length === 0)
    return fine({
      ...told,
      actual: archived.length === 0 ? 'there are none' : count(archived.length, 'file'),
    })
  const more = wrong.length > SHOWN ? `; and ${wrong.length - SHOWN} more` : ''
  const actual = `${wrong.slice(0, SHOWN).join('; ')}${more}`
  return lost
    ? failed(
        { ...told, actual },
        'Put the file back from a copy of ARCHIVE_DIR: the events of that month are in it alone. Every process needs the folder.',
      )
    : warning(
        { ...told, actual },
        'The events of that month are in the database, too, and stay there: it is not dropped for a file that differs.',
      )
}

async function isWhole(path: string, { bytes }: Archive): Promise<string | undefined> {
  const { size } = await stat(path)
  return size === bytes ? undefined : `has ${size} bytes instead of ${bytes}`
}

async function isUnchanged(
  path: string,
  { sha256 }: Archive,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex') === sha256 ? undefined : 'is not what was archived: its SHA-256 is another one'
}

const unreadable = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ENOENT' ? 'is not there' : `cannot be read: ${message}`
