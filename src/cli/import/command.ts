import { PollSlug } from '../../events/poll-events.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import type { BallotFile } from './ballot-file.ts'
import { type ImportTarget, importBallots } from './import-ballots.ts'
import { type OpenedFile, openBallotFile } from './open-ballot-file.ts'
import { preparePoll } from './prepare-poll.ts'
import { RejectedLines } from './rejected-lines.ts'

export const importFile = command({
  name: 'import',
  operands: ['FILE'],
  summary: 'Submits the ballots of a .pb (Pabulib, cumulative votes) or .csv file',
  options: {
    poll: {
      type: 'string',
      value: 'SLUG',
      required: true,
      help: 'opened from the file if it does not exist',
    },
    normalise: { type: 'boolean', help: 'scales .pb votes that do not use all their points' },
    report: { type: 'string', value: 'FILE', help: 'every rejected line, as JSON lines' },
    'dry-run': { type: 'boolean', help: 'only checks the file' },
  },
  details: `Bad lines are told with their numbers and left out; the rest is imported, and the exit code is then 1.
Importing twice counts once: each voter has one submission in a poll. Votes of a .pb file carry no time and count
from the day on which voting began (date_begin). Times in a .csv file without a zone are UTC.`,
  run: async (call) => {
    const { values, operands, signal } = call
    if (!PollSlug.safeParse(values.poll).success)
      throw new Misuse(`--poll takes lower-case letters, digits and single hyphens, unlike "${values.poll}".`)
    const options = { normalise: values.normalise, now: () => new Date() }
    const opened = await openBallotFile(operands[0]!, options)
    const rejected = await RejectedLines.create(values.report)
    try {
      const poll = { poll: values.poll, dryRun: values['dry-run'] }
      const target = await prepare(call, opened.file, poll)
      const counts = await importAll(call, opened, target, rejected)
      summarise(call, { ...poll, ...counts }, rejected)
      if (!signal.aborted) warnIfCutOff(call, opened.file, counts, rejected)
      const nothing = counts.imported + counts.alreadyThere === 0
      if (nothing) call.terminal.warn('There was no ballot in the file that could be imported.')
      return nothing || rejected.count > 0 || signal.aborted ? FAILED : FINE
    } finally {
      await rejected.close()
    }
  },
})

async function prepare(
  { terminal, services }: Call,
  file: BallotFile,
  { poll, dryRun }: { poll: string; dryRun: boolean },
): Promise<ImportTarget> {
  const { commands } = await services()
  const { definition, categories, isNew } = await preparePoll(commands, poll, file, { dryRun })
  if (isNew) {
    const what = `the poll ${poll}, "${definition.title}", with ${categories.length} categories`
    terminal.say(`${dryRun ? 'Would open' : 'Opened'} ${what}.`)
  }
  return { definition, categories, context: dryRun ? undefined : commands }
}

interface Counts {
  imported: number
  alreadyThere: number
}

async function importAll(
  { terminal, signal }: Call,
  { file, bytes }: OpenedFile,
  target: ImportTarget,
  rejected: RejectedLines,
): Promise<Counts> {
  const counts = { imported: 0, alreadyThere: 0 }
  for (const line of file.rejected) await rejected.add(line)
  const progress = showProgress('ballots', terminal.stderr)
  try {
    for await (const outcome of importBallots(target, file.rows(), signal)) {
      if (outcome.status === 'rejected') await rejected.add(outcome)
      else counts[outcome.status === 'imported' ? 'imported' : 'alreadyThere']++
      progress.update(outcome.end / bytes, counts.imported + counts.alreadyThere + rejected.count)
    }
    return counts
  } catch (error) {
    progress.stop()
    terminal.warn(`Stopped after ${group(counts.imported)} imported. ${HOW_TO_GO_ON}`)
    throw error
  } finally {
    progress.stop()
  }
}

/** A file that was cut off between two lines has no bad line that would show it. */
function warnIfCutOff(
  { terminal }: Call,
  { announced, rejected: before }: BallotFile,
  { imported, alreadyThere }: Counts,
  rejected: RejectedLines,
): void {
  const found = imported + alreadyThere + rejected.count - before.length
  if (announced === undefined || announced === found) return
  terminal.warn(
    `The file announces ${group(announced)} votes and has ${group(found)}: look whether it is whole.`,
  )
}

const HOW_TO_GO_ON = 'To go on, run the same command again: what is there already counts once.'

function summarise(
  { terminal, values, signal }: Call,
  counts: Counts & { poll: string; dryRun: boolean },
  rejected: RejectedLines,
): void {
  for (const line of rejected.describe()) terminal.warn(line)
  if (signal.aborted) terminal.warn(`Stopped. ${HOW_TO_GO_ON}`)
  const { poll, imported, alreadyThere, dryRun } = counts
  const summary = {
    poll,
    imported,
    alreadyThere,
    rejected: rejected.count,
    complete: !signal.aborted,
    dryRun,
  }
  const did = dryRun ? 'would be imported' : 'imported'
  terminal.print(
    values.json
      ? JSON.stringify(summary)
      : `${poll}: ${group(imported)} ${did}, ${group(alreadyThere)} already there, ${group(rejected.count)} rejected`,
  )
}
