import { BadBackup } from '../../backup/bad-backup.ts'
import { diffPolls } from '../../backup/make-backup.ts'
import { pollsOf } from '../../backup/manifest.ts'
import { type OpenBackup, openBackup } from '../../backup/read-backup.ts'
import { isRenumbered, restoreBackup } from '../../backup/restore-backup.ts'
import { LogNotEmpty } from '../../events/log-copy.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import type { Services } from '../services.ts'

export const restore = command({
  name: 'restore',
  operands: ['FILE'],
  summary: 'Puts a backup into an empty database, and makes the read models from it',
  options: {
    'dry-run': { type: 'boolean', help: 'only reads the file, and looks whether the database is empty' },
    renumber: { type: 'boolean', help: 'for a backup of EventStoreDB: lets the events have new positions' },
  },
  details: `Everything is as it was: positions, revisions, ids and times. The events appear all at once, when the last one
was compared with its checksum; stopped or killed before, the database is as empty as it was: run it again. Stop the
service first, and set SESSION_SECRET, or put the file session-secret into DATA_DIR, as it was. An event log in
EventStoreDB cannot be restored into: it has backups of its own.`,
  run: async (call) => {
    const { operands, values, terminal, signal } = call
    const opened = await openBackup(operands[0]!)
    try {
      const services = await call.services()
      await mayRestore(opened, services, values.renumber)
      if (values['dry-run']) return await rehearse(call, opened)
      const done = await fill(call, opened, services)
      if (!done) return FAILED
      await services.caughtUp(call)
      await services.submissionsCaughtUp(call)
      return await compare(call, opened, services)
    } catch (error) {
      if (!signal.aborted) throw error
      terminal.warn(
        'Stopped. The log is restored; the service makes the rest of the read models when it starts.',
      )
      return FAILED
    } finally {
      await opened.close()
    }
  },
})

/** @throws {LogNotEmpty} {@link BadBackup} why it cannot be restored here */
async function mayRestore({ manifest }: OpenBackup, services: Services, renumber: boolean): Promise<void> {
  const copy = services.openLogCopy()
  try {
    const obstacle = await copy.obstacle()
    if (obstacle) throw new LogNotEmpty(obstacle)
  } finally {
    await copy.close()
  }
  if (isRenumbered(manifest) && !renumber)
    throw new BadBackup(
      'This is a backup of an event log in EventStoreDB. In PostgreSQL its events get other positions, 1, 2, 3, …: links ' +
        'and answers that name a position would mean something else. With --renumber they may.',
    )
}

async function rehearse(call: Call, opened: OpenBackup): Promise<typeof FINE | typeof FAILED> {
  const { terminal, signal } = call
  const progress = showProgress('events', terminal.stderr)
  try {
    for await (const _ of opened.events({ signal, onProgress: progress.update }));
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.warn('Stopped before the end of the file: nothing is proved.')
    return FAILED
  } finally {
    progress.stop()
  }
  tell(call, opened, 'would be restored')
  return FINE
}

/** @returns whether it came to its end */
async function fill(
  { terminal, signal }: Pick<Call, 'terminal' | 'signal'>,
  opened: OpenBackup,
  services: Services,
): Promise<boolean> {
  const copy = services.openLogCopy()
  const progress = showProgress('events', terminal.stderr)
  try {
    await restoreBackup(opened, copy, { signal, onProgress: progress.update })
    return true
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.warn('Stopped. The database is as empty as it was: run the same command again.')
    return false
  } finally {
    progress.stop()
    await copy.close()
  }
}

/** What is made from it must be what was published. */
async function compare(call: Call, opened: OpenBackup, { projections }: Services) {
  const { manifest } = opened
  const { fold } = await projections.load()
  const options = { comparePositions: !isRenumbered(manifest) }
  const differ = [...diffPolls(pollsOf(manifest), fold.polls, options).keys()]
  tell(call, opened, 'are restored', differ)
  if (differ.length === 0) return FINE
  call.terminal.warn(`The results of ${differ.join(', ')} are not those that were published then.`)
  return FAILED
}

function tell(
  { terminal, values }: Pick<Call, 'terminal' | 'values'>,
  { manifest }: OpenBackup,
  what: string,
  differ: readonly string[] = [],
): void {
  const { events, position, madeAt, polls } = manifest
  if (values.json) terminal.print(JSON.stringify({ events, position, madeAt, polls: polls.length, differ }))
  else
    terminal.print(
      `${group(events)} events up to position ${position}, of ${madeAt}, ${what}: ${group(polls.length)} polls`,
    )
}
