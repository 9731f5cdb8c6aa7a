import type { ServerReport } from '../../server-report.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { bytes, failed, fine, judged, milliseconds, percent } from '../words.ts'

/** One of the servers that the settings name. */
export interface ExaminedServer {
  readonly name: string
  /** `15 or newer`: older ones are refused when they are looked at. */
  readonly version: string
  /** @throws one sentence on what is wrong with it */
  readonly examine: () => Promise<ServerReport>
}

/** A part that needs no server, since it was not asked for. */
export interface UnusedServer {
  readonly name: string
  /** What there is instead. */
  readonly instead: string
}

/** Longer than each of them takes to be given up. */
const SILENT_MS = 8000
const LATENCY = { warnAt: 50, failAt: 1000 }
const MEMORY = { warnAt: 0.8, failAt: 0.95 }
/** What two machines may differ by, milliseconds: the times of events come from those that serve. */
const CLOCK = { warnAt: 1000, failAt: 60_000 }

export const serverCheck = (server: ExaminedServer | UnusedServer): Check => ({
  name: `${server.name}: reachable`,
  routine: 'always',
  deadlineMs: SILENT_MS,
  look: () => ('examine' in server ? examine(server) : Promise.resolve(unused(server))),
})

const unused = ({ name, instead }: UnusedServer): CheckResult =>
  fine({ name: `${name}: reachable`, expected: 'reachable, or not used', actual: `not used: ${instead}` })

async function examine({ name, version, examine }: ExaminedServer): Promise<readonly CheckResult[]> {
  const reachable = { name: `${name}: reachable`, expected: 'answers' }
  let report: ServerReport
  try {
    report = await examine()
  } catch (error) {
    const actual = (error as Error).message.split('\n')[0]!
    return [
      failed(
        { ...reachable, actual },
        `Start ${name}, or mend the way to it; the sentence names the setting.`,
      ),
    ]
  }
  const remarks = ['answers', ...(report.remarks ?? [])].join('; ')
  return [
    fine({ ...reachable, actual: remarks }),
    fine({ name: `${name}: version`, expected: version, actual: report.version ?? 'it does not say' }),
    judged(
      {
        name: `${name}: latency`,
        expected: `under ${LATENCY.warnAt} ms`,
        actual: milliseconds(report.latencyMs),
      },
      report.latencyMs,
      LATENCY,
      `Look at the load of ${name}’s machine and at the network between it and this one.`,
    ),
    ...clock(name, report),
    ...memory(name, report),
  ]
}

function clock(name: string, { clock: reading }: ServerReport): readonly CheckResult[] {
  if (!reading) return []
  const { aheadMs, uncertainMs } = reading
  const direction = aheadMs > 0 ? 'ahead of' : 'behind'
  const told = {
    name: `clock: ${name}’s`,
    expected: `within ${milliseconds(CLOCK.warnAt)} of this machine’s`,
    actual: `${milliseconds(Math.abs(aheadMs))} ${direction} it, give or take ${milliseconds(uncertainMs)}`,
  }
  const certain = Math.max(0, Math.abs(aheadMs) - uncertainMs)
  return [judged(told, certain, CLOCK, 'Have NTP set the clocks of both machines (timedatectl status).')]
}

function memory(name: string, { memory: use }: ServerReport): readonly CheckResult[] {
  if (use?.limit === undefined) return []
  const share = use.used / use.limit
  const told = {
    name: `${name}: memory`,
    expected: `under ${percent(MEMORY.warnAt)}`,
    actual: `${bytes(use.used)} of ${bytes(use.limit)}, ${percent(share)}`,
  }
  const advice =
    'Give it more (maxmemory), or a machine of its own: when it is full, results come from the projection.'
  return [judged(told, share, MEMORY, advice)]
}
