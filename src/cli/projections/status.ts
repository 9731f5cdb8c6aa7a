import type { ProjectionVersion } from '../../projections/builds/projection-operations.ts'
import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { duration, group } from '../progress.ts'
import { table } from '../table.ts'

export const status = command({
  name: 'projections status',
  operands: [],
  summary: 'Shows every version of every projection, how far it is, and who has last done what',
  options: {},
  run: async ({ values, terminal, services }) => {
    const { builds, commands, replays } = await services()
    const { operations } = builds
    const [versions, head] = [await operations.list(), await commands.log.head()]
    const acts = await operations.recorded(ACTS)
    const lagOf = ({ position }: ProjectionVersion): bigint =>
      head > position ? (head - position) / replays.positionsPerEvent : 0n
    if (values.json) {
      const plain = versions.map((version) => ({ ...version, lag: lagOf(version) }))
      const text = (_: string, each: unknown) => (typeof each === 'bigint' ? String(each) : each)
      terminal.print(JSON.stringify({ head, versions: plain, acts }, text))
      return FINE
    }
    terminal.print(
      table(
        columns,
        versions.map((version) => row(version, lagOf(version))),
        (text) => terminal.style('bold', text),
      ),
    )
    terminal.say(`The log ends at position ${head}.`)
    for (const { at, by, act, projection, versions } of acts)
      terminal.say(`${moment(at)}  ${by}: ${act} ${projection} ${versions.join(', ')}`)
    for (const { projection, version, build } of versions)
      if (build?.lastError) terminal.warn(`Version ${version} of ${projection}: ${build.lastError}`)
    return FINE
  },
})

/** So many of the last acts are shown. */
const ACTS = 5

const moment = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`

const columns = [
  { title: 'projection' },
  { title: 'version', align: 'right' },
  { title: 'fold', align: 'right' },
  { title: 'status' },
  { title: 'position', align: 'right' },
  { title: 'lag', align: 'right' },
  { title: 'rate', align: 'right' },
  { title: 'time left', align: 'right' },
  { title: 'since' },
] as const

function row(
  { projection, version, foldVersion, status, position, build, promotedAt, promotedBy }: ProjectionVersion,
  lag: bigint,
) {
  const [since, by = ''] = build ? [build.startedAt, build.startedBy] : [promotedAt, promotedBy]
  return [
    projection,
    String(version),
    String(foldVersion),
    build ? build.state : status,
    String(position),
    group(Number(lag)),
    build && build.rate > 0 ? `${group(Math.round(build.rate))}/s` : '',
    build?.secondsLeft === undefined ? '' : duration(build.secondsLeft),
    since ? `${moment(since)} ${by}`.trim() : '',
  ]
}
