import { Problem } from '../../errors.ts'
import { InconsistentAggregate } from '../../projections/poll-aggregate.ts'
import { rowsNoLaterThan } from '../../projections/verify/rows-no-later-than.ts'
import { type VerifiedPoll, verifyProjection } from '../../projections/verify/verify-projection.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import { ProjectionStandsStill } from '../projection-stands-still.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** So many differences of a poll are shown; --json has them all. */
const SHOWN = 20

export const verify = command({
  name: 'projections verify',
  operands: ['[POLL]'],
  summary: 'Compares what is served with a full replay of the log, integer by integer',
  options: {},
  details: 'Takes as long as reading the whole log. Stopping it changes nothing.',
  run: async (call) => {
    const { terminal, operands, values, signal, services } = call
    const { commands, projections, periods, submissionRows, ...wait } = await services()
    const poll = operands[0]
    const projection = await wait
      .caughtUp(call)
      .catch(standsStill(terminal))
      .then(() => projections.load())
      .catch(contradiction)
    if (typeof projection === 'string') {
      terminal.warn(projection)
      return FAILED
    }
    await wait.submissionsCaughtUp(call).catch(standsStill(terminal))
    const rows = await rowsNoLaterThan(projection.checkpoint, submissionRows)
    const stored = await periods.everything(signal)
    const progress = showProgress('events', terminal.stderr)
    const options = { poll, signal, onProgress: progress.update }
    const polls = await verifyProjection(commands.log, { projection, periods: stored, rows }, options)
      .catch((error) => (signal.aborted ? undefined : Promise.reject(error)))
      .finally(progress.stop)
    if (!polls) {
      terminal.warn('Stopped before the end of the log: nothing is proved. Run the same command again.')
      return FAILED
    }
    if (poll !== undefined && polls.length === 0)
      throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
    const right = polls.every(({ differences }) => differences.length === 0)
    const positions = {
      position: `${projection.checkpoint}`,
      periodsPosition: `${stored.checkpoint}`,
      submissionsPosition: `${rows.position}`,
    }
    if (values.json) terminal.print(JSON.stringify({ ...positions, right, polls }))
    else print(call, polls, positions)
    if (stored.checkpoint < projection.checkpoint)
      terminal.warn(
        `The periods have come to position ${stored.checkpoint} only: those of later events were not compared.`,
      )
    const detached = stored.detached.size
    if (detached > 0)
      terminal.warn(
        `Periods of ${count(detached, 'month')} were not compared: ${detached === 1 ? 'its partition is' : 'their partitions are'} detached.`,
      )
    return right ? FINE : FAILED
  },
})

/** What has come so far can be compared all the same. */
const standsStill = (terminal: Terminal) => (error: unknown) => {
  if (!(error instanceof ProjectionStandsStill)) throw error
  terminal.warn(error.message)
}

/** The stored numbers contradict each other already: what they say. */
function contradiction(error: unknown): string {
  if (error instanceof InconsistentAggregate) return `The projection contradicts itself: ${error.message}.`
  throw error
}

interface Positions {
  readonly position: string
  readonly submissionsPosition: string
}

function print({ terminal }: Call, polls: readonly VerifiedPoll[], positions: Positions): void {
  for (const { poll, counted, differences } of polls) {
    if (differences.length === 0) {
      terminal.print(`${poll}: ${group(counted)} counted, the same as a replay`)
      continue
    }
    terminal.print(terminal.style('bold', `${poll}: ${group(differences.length)} differences`))
    const rows = differences.slice(0, SHOWN).map(({ what, expected, actual }) => [what, expected, actual])
    terminal.print(table([{ title: 'what' }, { title: 'expected' }, { title: 'actual' }], rows))
  }
  const periods = polls.reduce((sum, each) => sum + each.periods, 0)
  terminal.say(
    `Compared at position ${positions.position}: ${count(polls.length, 'poll')}, ${count(periods, 'period')} of a quarter of an hour; ` +
      `the submissions one by one at position ${positions.submissionsPosition}.`,
  )
}

const count = (number: number, noun: string): string => `${group(number)} ${noun}${number === 1 ? '' : 's'}`
