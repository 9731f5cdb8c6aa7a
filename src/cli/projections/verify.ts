import { Problem } from '../../errors.ts'
import { InconsistentAggregate } from '../../projections/poll-aggregate.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import { ProjectionStandsStill } from '../projection-stands-still.ts'
import type { Services } from '../services.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { type VerifiedPoll, verifyProjection } from './verify-projection.ts'

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
    const { commands, projections, submissionRows, caughtUp, submissionsCaughtUp } = await services()
    const poll = operands[0]
    const projection = await caughtUp(call)
      .catch(standsStill(terminal))
      .then(() => projections.load())
      .catch(contradiction)
    if (typeof projection === 'string') {
      terminal.warn(projection)
      return FAILED
    }
    await submissionsCaughtUp(call).catch(standsStill(terminal))
    const rows = await rowsNoLaterThan(projection.checkpoint, submissionRows)
    const progress = showProgress('events', terminal.stderr)
    const options = { poll, signal, onProgress: progress.update }
    const polls = await verifyProjection(commands.log, { projection, rows }, options)
      .catch((error) => (signal.aborted ? undefined : Promise.reject(error)))
      .finally(progress.stop)
    if (!polls) {
      terminal.warn('Stopped before the end of the log: nothing is proved. Run the same command again.')
      return FAILED
    }
    if (poll !== undefined && polls.length === 0)
      throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
    const right = polls.every(({ differences }) => differences.length === 0)
    const [position, submissionsPosition] = [`${projection.checkpoint}`, `${rows.position}`]
    if (values.json) terminal.print(JSON.stringify({ position, submissionsPosition, right, polls }))
    else print(call, polls, position, submissionsPosition)
    return right ? FINE : FAILED
  },
})

/** The rows as they were when the results stood where they are compared, or as far as they have come. */
async function rowsNoLaterThan(limit: bigint, store: Services['submissionRows']) {
  const checkpoint = await store.checkpoint()
  const position = checkpoint < limit ? checkpoint : limit
  return { position, aggregates: await store.aggregates(position) }
}

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

function print({ terminal }: Call, polls: readonly VerifiedPoll[], position: string, rows: string): void {
  for (const { poll, counted, differences } of polls) {
    if (differences.length === 0) {
      terminal.print(`${poll}: ${group(counted)} counted, the same as a replay`)
      continue
    }
    terminal.print(terminal.style('bold', `${poll}: ${group(differences.length)} differences`))
    const rows = differences.slice(0, SHOWN).map(({ what, expected, actual }) => [what, expected, actual])
    terminal.print(table([{ title: 'what' }, { title: 'expected' }, { title: 'actual' }], rows))
  }
  const compared = `${polls.length} ${polls.length === 1 ? 'poll' : 'polls'}`
  terminal.say(
    `Compared at position ${position}, ${compared}; the submissions one by one at position ${rows}.`,
  )
}
