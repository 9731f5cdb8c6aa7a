import type { ProcessState } from '../../processes/process-state.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { bytes, failed, fine, judged, percent, warning } from '../words.ts'

type List = () => Promise<readonly ProcessState[]>

/** Of the memory that a process may have. */
const MEMORY = { warnAt: 0.8, failAt: 0.95 }

/** Who is there, and whether each role is filled. @param roles those that somebody must fill */
export const processesCheck = (list: List, roles: readonly string[]): Check => ({
  name: 'processes',
  routine: 'always',
  look: async () => {
    const processes = await list()
    const alive = processes.filter((each) => each.alive)
    return [
      ...roles.map((role) => roleResult(role, alive)),
      ...actives.filter(({ role }) => roles.includes(role)).map((active) => activeResult(active, alive)),
      ...lost(processes),
      ...notReady(alive),
      ...versions(alive),
      ...alive.flatMap(memoryResult),
      ...diskResults(alive),
    ]
  },
})

function roleResult(role: string, alive: readonly ProcessState[]): CheckResult {
  const filling = alive.filter(({ roles }) => roles.includes(role))
  const told = { name: `processes: ${role}`, expected: 'at least 1', actual: `${filling.length} alive` }
  return filling.length > 0
    ? fine(told)
    : failed(told, `Start a process with ROLES=${role} (unset, it has all roles).`)
}

interface Active {
  readonly role: string
  /** Its figure. */
  readonly figure: string
  readonly what: string
}

/** What one process does and the others stand by for. */
const actives: readonly Active[] = [
  { role: 'projector', figure: 'keepsResults', what: 'results' },
  { role: 'projector', figure: 'keepsSubmissions', what: 'submissions' },
  { role: 'relay', figure: 'relays', what: 'relay' },
]

function activeResult({ role, figure, what }: Active, alive: readonly ProcessState[]): CheckResult {
  const active = alive.filter(({ figures }) => figures[figure] === 1).length
  const told = {
    name: `processes: active, ${what}`,
    expected: 'at least 1',
    actual: `${active} active`,
  }
  const advice = `Every process with the role ${role} stands by or is lost: look at their logs and at /readyz. After a crash the next one takes over within ten seconds.`
  return active > 0 ? fine(told) : failed(told, advice)
}

function lost(processes: readonly ProcessState[]): CheckResult[] {
  const gone = processes.filter(({ alive }) => !alive)
  const told = { name: 'processes: lost', expected: 'none in the last hour' }
  if (gone.length === 0) return [fine({ ...told, actual: 'none' })]
  const actual = gone.map(
    ({ host, roles, seenAt }) => `${host} (${roles.join(', ')}), heard of at ${seenAt.toISOString()}`,
  )
  return [
    warning(
      { ...told, actual: actual.join('; ') },
      'They ended without saying so: look at the end of their logs.',
    ),
  ]
}

const notReady = (alive: readonly ProcessState[]): CheckResult[] =>
  alive
    .filter(({ readiness }) => !readiness.ready || readiness.checks.some(({ ready }) => !ready))
    .map(({ host, url, readiness }) => {
      const failing = readiness.checks.filter(({ ready }) => !ready)
      const told = {
        name: `processes: ready, ${host} ${new URL(url).port}`,
        expected: 'ready',
        actual: failing
          .map(({ role, name, detail }) => `${role}: ${name}: ${detail ?? 'not ready'}`)
          .join('; '),
      }
      const advice = `What its ${url}/readyz names is away, or fails.`
      return readiness.ready ? warning(told, advice) : failed(told, advice)
    })

function versions(alive: readonly ProcessState[]): CheckResult[] {
  const all = [...new Set(alive.map(({ version }) => version))].sort()
  if (all.length === 0) return []
  const told = { name: 'processes: version', expected: 'one', actual: all.join(', ') }
  return [all.length === 1 ? fine(told) : warning(told, 'Restart those that still run the older one.')]
}

function memoryResult({ host, url, memory, figures }: ProcessState): CheckResult[] {
  const limit = figures.memoryLimit
  if (!limit) return []
  const share = memory / limit
  const told = {
    name: `memory: ${host} ${new URL(url).port}`,
    expected: `under ${percent(MEMORY.warnAt)}`,
    actual: `${bytes(memory)} of ${bytes(limit)}, ${percent(share)}`,
  }
  return [judged(told, share, MEMORY, 'Give it more memory, or start more processes of its roles.')]
}

/** Each machine's own, as the processes there tell of it. */
function diskResults(alive: readonly ProcessState[]): CheckResult[] {
  const hosts = new Map(alive.map((each) => [each.host, each]))
  return [...hosts.values()].flatMap(({ host, figures: { diskFree, diskSize } }) => {
    if (diskFree === undefined || !diskSize) return []
    const told = {
      name: `disk: of ${host}`,
      expected: '15 % free',
      actual: `${bytes(diskFree)} free, ${percent(diskFree / diskSize)}`,
    }
    return [
      judged(
        told,
        1 - diskFree / diskSize,
        { warnAt: 0.85, failAt: 0.95 },
        `Make room on the disk of DATA_DIR on ${host}.`,
      ),
    ]
  })
}
