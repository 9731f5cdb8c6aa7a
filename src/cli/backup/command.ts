import { access, mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type MadeBackup, makeBackup, type Served } from '../../backup/make-backup.ts'
import { BackupRecords } from '../../backup/records.ts'
import { backupName, rotate } from '../../backup/rotate.ts'
import { yieldToOthers } from '../../threads/low-priority.ts'
import { type Call, command } from '../command.ts'
import { describeError } from '../describe-error.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import type { Services } from '../services.ts'

export const backup = command({
  name: 'backup',
  operands: ['[FILE]'],
  summary: 'Writes the whole event log, archived months included, into one file',
  options: {
    keep: {
      type: 'string',
      value: 'N',
      help: 'removes all but the newest N backups of this log from the folder',
    },
  },
  details: `FILE may be a folder; left out, it is DATA_DIR/backups. The file is called FILE.part until it is whole. It holds
every event to the letter and the results that they give; read models are made from it again. zstdcat FILE gives lines
of JSON. Not in it: SESSION_SECRET and other settings, which belong into a safe place of their own. The service goes
on meanwhile; what is appended after the start is for the next backup.`,
  run: async (call) => {
    const { operands, values, terminal, signal } = call
    const keep = readKeep(values.keep)
    const services = await call.services()
    // A little: on a busy machine it must come to an end, too. Not before: a server that is started with this must not be
    // slow for those who come later.
    yieldToOthers('a little')
    const served = await whatIsServed(call, services)
    const upTo = await services.commands.log.head()
    const { path, folder } = await target(call, operands[0], backupName(services.commands.now(), upTo), keep)
    const records = new BackupRecords(services.databaseUrl)
    const database = await services.projections.identity()
    const schema = await records.schema()
    const copy = services.openLogCopy()
    const progress = showProgress('events', terminal.stderr)
    let made: MadeBackup
    try {
      const { now } = services.commands
      const options = { path, copy, upTo, served, database, schema, now, signal, onProgress: progress.update }
      made = await makeBackup(options)
    } catch (error) {
      if (!signal.aborted) {
        await records.failed(path, describeError(error)).catch(() => {})
        throw error
      }
      terminal.warn('Stopped. Nothing is left of the file.')
      return FAILED
    } finally {
      progress.stop()
      await copy.close()
    }
    await records.made(path, made)
    const rotated = keep === undefined ? undefined : await rotate(folder!, database, keep)
    report(call, path, made, rotated)
    return made.differences.size === 0 ? FINE : FAILED
  },
})

function readKeep(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new Misuse(`--keep must be a number from 1 to 99999, not ${text}.`)
  return Number(text)
}

/** Where it is written: a new file, whose folder is there. */
async function target(
  { config }: Call,
  given: string | undefined,
  name: string,
  keep: number | undefined,
): Promise<{ path: string; folder: string | undefined }> {
  if (given === undefined) {
    const folder = join(config.dataDir, 'backups')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return { path: join(folder, name), folder }
  }
  const path = resolve(given)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) return { path: join(path, name), folder: path }
  if (keep !== undefined)
    throw new Misuse('--keep needs a folder: give one instead of the file, or leave it out.')
  await access(dirname(path))
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new Misuse(`${path} is there already.`)
  return { path, folder: undefined }
}

/** To be compared with the log. What is served wrongly is no reason not to make a backup. */
async function whatIsServed({ terminal }: Call, { projections }: Services): Promise<Served | undefined> {
  try {
    const { checkpoint, fold } = await projections.load()
    return { checkpoint, polls: fold.polls }
  } catch (error) {
    terminal.warn(`What is served cannot be compared with the log: ${(error as Error).message}.`)
    return undefined
  }
}

function report(
  { terminal, values }: Pick<Call, 'terminal' | 'values'>,
  file: string,
  { manifest, bytes, sha256, differences }: MadeBackup,
  rotated: { readonly removed: readonly string[]; readonly unreadable: readonly string[] } | undefined,
): void {
  const { position, events, madeAt, polls } = manifest
  const differ = [...differences.keys()]
  if (values.json) {
    const { removed = [], unreadable = [] } = rotated ?? {}
    const about = { file, sha256, bytes, position, events, polls: polls.length, madeAt }
    terminal.print(JSON.stringify({ ...about, differ, removed, unreadable }))
  } else {
    terminal.print(`${group(events)} events up to position ${position}, ${group(bytes)} bytes`)
    terminal.print(`SHA-256 ${sha256}`)
    terminal.print(`Wrote ${file}`)
    for (const path of rotated?.removed ?? []) terminal.say(`Removed ${path}`)
  }
  for (const path of rotated?.unreadable ?? []) terminal.warn(`${path} cannot be read: it was left alone.`)
  if (differ.length > 0)
    terminal.warn(
      `The file is whole, but the results that are served of ${differ.join(', ')} are not what the log gives: ` +
        'taxbudget projections verify tells more.',
    )
}
