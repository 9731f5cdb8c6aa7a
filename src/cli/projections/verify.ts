import { Problem } from '../../errors.ts'
import { InconsistentAggregate, type PollAggregate } from '../../projections/poll-aggregate.ts'
import { compareRows } from '../../projections/verify/compare-rows.ts'
import {
  type Comparison,
  compareWithReplay,
  type VerifiedPoll,
} from '../../projections/verify/compare-with-replay.ts'
import { storedModels, withRows } from '../../projections/verify/stored-read-models.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { counted as count, group, showProgress } from '../progress.ts'
import { ProjectionStandsStill } from '../projection-stands-still.ts'
import type { Services } from '../services.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** So many differences of a poll are shown; --json has them all. */
const SHOWN = 20

export const verify = command({
  name: 'projections verify',
  operands: ['[POLL]'],
  summary: 'Compares what is served with a full replay of the log, integer by integer',
  options: {},
  details:
    'Snapshots, results, periods, submissions and the stored states of the past, each at the position that it has come to. Takes as long as reading the whole log, several times for very many periods. Stopping it changes nothing.',
  run: async (call) => {
    const { terminal, operands, signal, services } = call
    const { commands, projections, periods, submissionRows, snapshots, replays, ...wait } = await services()
    await wait.caughtUp(call).catch(standsStill(terminal))
    const results = await projections.asStored()
    await wait.submissionsCaughtUp(call).catch(standsStill(terminal))
    const models = { periods, submissionRows, signal, states: replays.states }
    const stored = await storedModels(results, models)
    const shown = await shownOf(snapshots, results)
    const progress = showProgress('events', terminal.stderr)
    const compared = { ...stored, snapshots: shown }
    const comparison = await compareWithReplay(commands.log, compared, {
      signal,
      onProgress: progress.update,
    })
      .catch((error) => (signal.aborted ? undefined : Promise.reject(error)))
      .finally(progress.stop)
    const polls = comparison && (await rowByRow(call, comparison.polls, stored.rows[0]!.position))
    if (!comparison || !polls) {
      terminal.warn('Stopped before the end of the log: nothing is proved. Run the same command again.')
      return FAILED
    }
    return report(call, onlyOf(operands[0], { ...comparison, polls }), {
      position: results.position,
      periodsPosition: comparison.periodsPosition ?? 0n,
      submissionsPosition: stored.rows[0]!.position,
      snapshots: shown.size,
      states: stored.states?.length ?? 0,
    })
  },
})

/** Beside the sums the rows themselves. @returns undefined if it was stopped */
async function rowByRow(
  { services, signal, terminal }: Pick<Call, 'services' | 'signal' | 'terminal'>,
  polls: readonly VerifiedPoll[],
  position: bigint,
): Promise<readonly VerifiedPoll[] | undefined> {
  const { commands, submissionRows } = await services()
  const progress = showProgress('events for the rows', terminal.stderr)
  const options = { signal, onProgress: progress.update }
  try {
    return withRows(polls, await compareRows(commands.log, await submissionRows.whole(position), options))
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    progress.stop()
  }
}

/** @throws {Problem} POLL_NOT_FOUND */
function onlyOf(poll: string | undefined, comparison: Comparison): Comparison {
  if (poll === undefined) return comparison
  const polls = comparison.polls.filter((each) => each.poll === poll)
  if (polls.length === 0) throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
  return { ...comparison, polls }
}

/** What Redis has, or this process if it keeps the results itself; nothing of a service that keeps it in its memory. */
async function shownOf(
  snapshots: Services['snapshots'],
  { polls }: { readonly polls: ReadonlyMap<string, unknown> },
): Promise<Map<string, PollAggregate>> {
  const shown = new Map<string, PollAggregate>()
  for (const name of polls.keys()) {
    const snapshot = await snapshots.get(name).catch(() => undefined)
    if (snapshot) shown.set(name, snapshot)
  }
  return shown
}

/** What has come so far can be compared all the same, and what contradicts itself is a difference like others. */
const standsStill = (terminal: Terminal) => (error: unknown) => {
  if (error instanceof ProjectionStandsStill) terminal.warn(error.message)
  else if (!(error instanceof InconsistentAggregate)) throw error
}

interface Positions {
  readonly position: bigint
  readonly periodsPosition: bigint
  readonly submissionsPosition: bigint
  /** So many snapshots were found and compared. */
  readonly snapshots: number
  /** So many states of the past. */
  readonly states: number
}

function report({ terminal, values }: Call, { polls, detached }: Comparison, positions: Positions) {
  const right = polls.every(({ differences }) => differences.length === 0)
  const { position, periodsPosition, submissionsPosition, snapshots, states } = positions
  if (values.json) {
    const texts = {
      position: `${position}`,
      periodsPosition: `${periodsPosition}`,
      submissionsPosition: `${submissionsPosition}`,
    }
    terminal.print(JSON.stringify({ ...texts, snapshots, states, right, polls }))
  } else print(terminal, polls, positions)
  if (periodsPosition < position)
    terminal.warn(
      `The periods have come to position ${periodsPosition} only: those of later events were not compared.`,
    )
  if (detached > 0)
    terminal.warn(
      `Periods of ${count(detached, 'month')} were not compared: ${detached === 1 ? 'its partition is' : 'their partitions are'} detached.`,
    )
  if (snapshots < polls.length)
    terminal.say(
      `Snapshots of ${count(polls.length - snapshots, 'poll')} were not compared: a service without Redis keeps them in its memory.`,
    )
  return right ? FINE : FAILED
}

function print(terminal: Terminal, polls: readonly VerifiedPoll[], positions: Positions): void {
  for (const { poll, counted, differences } of polls) {
    if (differences.length === 0) {
      terminal.print(`${poll}: ${group(counted)} counted, the same as a replay`)
      continue
    }
    terminal.print(terminal.style('bold', `${poll}: ${count(differences.length, 'difference')}`))
    const rows = differences.slice(0, SHOWN).map(({ what, expected, actual }) => [what, expected, actual])
    terminal.print(table([{ title: 'what' }, { title: 'expected' }, { title: 'actual' }], rows))
  }
  const periods = polls.reduce((sum, each) => sum + each.periods, 0)
  terminal.say(
    `Compared at position ${positions.position}: ${count(polls.length, 'poll')}, ${count(positions.snapshots, 'snapshot')}, ` +
      `${count(periods, 'period')} of a quarter of an hour, ${count(positions.states, 'stored state')} of the past; the submissions one by one at position ${positions.submissionsPosition}.`,
  )
}
