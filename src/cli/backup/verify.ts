import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { BadBackup, NoBackup } from '../../backup/bad-backup.ts'
import { diffPolls } from '../../backup/make-backup.ts'
import { pollsOf } from '../../backup/manifest.ts'
import { type OpenBackup, openBackup } from '../../backup/read-backup.ts'
import { BackupRecords } from '../../backup/records.ts'
import { isRenumbered, restoreBackup } from '../../backup/restore-backup.ts'
import type { Difference } from '../../projections/diff-aggregates.ts'
import { compareWithReplay } from '../../projections/verify/compare-with-replay.ts'
import { storedModels } from '../../projections/verify/stored-read-models.ts'
import { yieldToOthers } from '../../threads/low-priority.ts'
import { type Call, command } from '../command.ts'
import { describeError } from '../describe-error.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { counted, group, showProgress } from '../progress.ts'
import type { Services } from '../services.ts'
import { table } from '../table.ts'
import { scratchConfig } from './scratch.ts'

/** So many differences of a poll are shown; --json has them all. */
const SHOWN = 20

export const verifyBackup = command({
  name: 'backup verify',
  operands: ['FILE'],
  summary:
    'Restores a backup into a database of its own, replays it, and compares the results with those published',
  options: {
    scratch: {
      type: 'string',
      value: 'FOLDER',
      help: 'where the database is made; the folder for temporary files',
    },
  },
  details: `The database is an embedded PostgreSQL in a new folder, which takes about ten times as much room as the file and
is removed afterwards. The outcome is written down for taxbudget doctor. Stopping it changes nothing.`,
  run: async (call) => {
    const { operands, values, terminal, signal } = call
    const file = resolve(operands[0]!)
    let opened: OpenBackup | undefined
    try {
      opened = await openBackup(file)
      const differences = await tryOut(call, opened, resolve(values.scratch ?? tmpdir()))
      const [first] = differences.keys()
      const error =
        first &&
        `its log does not give the results that were published of ${[...differences.keys()].join(', ')}`
      await writeDown(call, file, opened, error)
      report(call, file, opened, differences)
      return error === undefined ? FINE : FAILED
    } catch (error) {
      if (signal.aborted) {
        terminal.warn('Stopped before the end: nothing is proved. Run the same command again.')
        return FAILED
      }
      await writeDown(call, file, opened, error)
      throw error
    } finally {
      await opened?.close()
    }
  },
})

/** @returns what is otherwise than it was published, by poll */
async function tryOut(
  call: Call,
  opened: OpenBackup,
  folder: string,
): Promise<ReadonlyMap<string, readonly Difference[]>> {
  yieldToOthers('a little')
  const config = await scratchConfig(call.config, folder)
  try {
    const { openServices } = await import('../services.ts')
    const services = await openServices(config, (sentence) => call.terminal.warn(sentence))
    try {
      return await restoreAndCompare(call, opened, services)
    } finally {
      await services.close()
    }
  } finally {
    await rm(config.dataDir, { recursive: true, force: true })
  }
}

async function restoreAndCompare(call: Call, opened: OpenBackup, services: Services) {
  const { signal, terminal } = call
  const { commands, projections, periods, submissionRows } = services
  const copy = services.openLogCopy()
  const restoring = showProgress('events restored', terminal.stderr)
  await restoreBackup(opened, copy, { signal, onProgress: restoring.update }).finally(async () => {
    restoring.stop()
    await copy.close()
  })
  await services.caughtUp(call)
  await services.submissionsCaughtUp(call)
  const results = await projections.asStored()
  const renumbered = isRenumbered(opened.manifest)
  const found = diffPolls(pollsOf(opened.manifest), results.polls, { comparePositions: !renumbered })
  const stored = await storedModels(results, {
    ...{ periods, submissionRows, signal },
    states: services.replays.states,
  })
  const replaying = showProgress('events replayed', terminal.stderr)
  const options = { signal, onProgress: replaying.update }
  const replayed = await compareWithReplay(commands.log, stored, options).finally(replaying.stop)
  signal.throwIfAborted()
  for (const { poll, differences } of replayed.polls)
    if (differences.length > 0) found.set(poll, [...(found.get(poll) ?? []), ...differences])
  return found
}

/** Where the database is away the outcome counts all the same. */
async function writeDown(
  { services, terminal }: Call,
  file: string,
  opened: OpenBackup | undefined,
  failure: unknown,
): Promise<void> {
  const { manifest } = opened ?? {}
  const isBackup = opened !== undefined || (failure instanceof BadBackup && !(failure instanceof NoBackup))
  const error = failure === undefined || typeof failure === 'string' ? failure : describeError(failure)
  try {
    const { databaseUrl } = await services()
    await new BackupRecords(databaseUrl).verified({
      file,
      sha256: error === undefined ? opened?.sha256() : undefined,
      position: manifest?.position,
      events: manifest?.events,
      madeAt: manifest?.madeAt,
      isBackup,
      error,
    })
  } catch (cause) {
    terminal.warn(`The outcome could not be written down: ${describeError(cause)}`)
  }
}

function report(
  { terminal, values }: Pick<Call, 'terminal' | 'values'>,
  file: string,
  { manifest, sha256 }: OpenBackup,
  differences: ReadonlyMap<string, readonly Difference[]>,
): void {
  const { events, position, madeAt } = manifest
  const polls = pollsOf(manifest)
  const right = differences.size === 0
  if (values.json) {
    const differ = Object.fromEntries(differences)
    terminal.print(
      JSON.stringify({ file, sha256: sha256(), right, events, position, madeAt, polls: polls.size, differ }),
    )
    return
  }
  for (const [poll, { counted }] of polls)
    if (!differences.has(poll)) terminal.print(`${poll}: ${group(counted)} counted, the same as published`)
  for (const [poll, found] of differences) {
    terminal.print(terminal.style('bold', `${poll}: ${counted(found.length, 'difference')}`))
    const rows = found.slice(0, SHOWN).map(({ what, expected, actual }) => [what, expected, actual])
    terminal.print(table([{ title: 'what' }, { title: 'expected' }, { title: 'actual' }], rows))
  }
  terminal.say(
    `${group(events)} events up to position ${position}, of ${madeAt}. ${right ? 'The backup is good.' : 'The backup is not good.'}`,
  )
}
