import type { Terminal } from '../terminal.ts'
import { type App, commitsOf, type Deployment, outcomeOf } from './deployment.ts'
import { leavesOf } from './leaves.ts'

/** What `--json` gives. */
export interface DeploymentReport {
  readonly app: { readonly id: string; readonly name: string; readonly url: string | null }
  readonly domains: readonly { readonly domain: string; readonly phase: string }[]
  readonly newest: Summary | null
  /** What people are served by: not the newest while that is under way, or has failed. */
  readonly active: Summary | null
}

interface Summary {
  readonly id: string
  readonly phase: string
  readonly since: string | null
  readonly commits: readonly string[]
  readonly cause: string | null
  readonly steps: { readonly done: number; readonly total: number }
  /** Each step that went wrong, with its reason. */
  readonly errors: readonly string[]
}

export const reportOf = (app: App, newest: Deployment | undefined): DeploymentReport => ({
  app: { id: app.id, name: app.spec.name, url: app.live_url || null },
  domains: app.domains.flatMap(({ spec, phase = 'UNKNOWN' }) =>
    spec ? [{ domain: spec.domain, phase }] : [],
  ),
  newest: newest ? summaryOf(newest) : null,
  active: app.active_deployment ? summaryOf(app.active_deployment) : null,
})

function summaryOf(deployment: Deployment): Summary {
  const { id, phase, phase_last_updated_at: updated, created_at: created, cause, progress } = deployment
  const errors = leavesOf(progress?.steps ?? []).filter(({ status }) => status === 'ERROR')
  return {
    id,
    phase,
    since: updated ?? created ?? null,
    commits: commitsOf(deployment),
    cause: cause || null,
    steps: { done: progress?.success_steps ?? 0, total: progress?.total_steps ?? 0 },
    errors: errors.map(({ label, reason }) => (reason ? `${label}: ${reason}` : label)),
  }
}

/** The report as a person reads it. */
export function describeReport(
  { app, domains, newest, active }: DeploymentReport,
  style: Terminal['style'],
): string {
  return [
    `${style('bold', app.name)} (${app.id})${app.url ? `  ${app.url}` : ''}`,
    ...domains.map(({ domain, phase }) => `  domain ${domain}  ${phase}`),
    ...(newest ? describe('newest', newest) : ['  There has never been a deployment.']),
    ...(active && active.id !== newest?.id ? describe('serving', active) : []),
    ...(newest && !active ? ['  Nothing is being served.'] : []),
  ].join('\n')
}

const describe = (word: string, { id, phase, since, commits, cause, steps, errors }: Summary): string[] => [
  `  ${word}  ${phase} since ${since ?? 'a time that is not said'}, ${steps.done} of ${steps.total} steps`,
  `    deployment ${id}, commit ${commits.length === 0 ? 'not said' : commits.join(' and ')}${cause ? ` (${cause})` : ''}`,
  ...errors.map((error) => `    failed: ${error}`),
]

/** What has changed since `told`, a line for each step that has begun or ended; `told` is kept up. */
export function newsOf(deployment: Deployment, told: Map<string, string>): string[] {
  const { id, phase, progress } = deployment
  const lines: string[] = []
  const tell = (key: string, state: string, line: string) => {
    if (told.get(key) === state) return
    told.set(key, state)
    lines.push(line)
  }
  tell(id, phase, `${phase}  deployment ${id}`)
  for (const { label, status, reason, seconds } of leavesOf(progress?.steps ?? []))
    if (status !== 'PENDING' && status !== 'UNKNOWN') {
      const took = seconds === undefined ? '' : ` (${seconds} s)`
      tell(
        `${id} ${label}`,
        status,
        `  ${status.toLowerCase()}  ${label}${took}${reason ? `: ${reason}` : ''}`,
      )
    }
  return lines
}

/** Whether what is newest is what people are served by. */
export const isLive = (newest: Deployment | undefined): boolean =>
  newest !== undefined && outcomeOf(newest) === 'active'
