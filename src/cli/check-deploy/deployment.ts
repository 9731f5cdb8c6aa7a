/** Apps and deployments as App Platform's API gives them: what is used of them. */
import { z } from 'zod'

const phases = [
  'UNKNOWN',
  'PENDING_BUILD',
  'BUILDING',
  'PENDING_DEPLOY',
  'DEPLOYING',
  'ACTIVE',
  'SUPERSEDED',
  'ERROR',
  'CANCELED',
] as const
/** One that is not known yet is told as it is, and waited for like any that is under way. */
const Phase = z.enum(phases).catch('UNKNOWN')

export interface Step {
  readonly name?: string | undefined
  readonly status?: string | undefined
  readonly component_name?: string | undefined
  readonly message_base?: string | undefined
  readonly started_at?: string | undefined
  readonly ended_at?: string | undefined
  readonly reason?: { readonly code?: string | undefined; readonly message?: string | undefined } | undefined
  readonly steps?: readonly Step[] | undefined
}

const Step: z.ZodType<Step> = z.object({
  name: z.string().optional(),
  status: z.string().optional(),
  component_name: z.string().optional(),
  message_base: z.string().optional(),
  started_at: z.string().optional(),
  ended_at: z.string().optional(),
  reason: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
  steps: z.array(z.lazy(() => Step)).optional(),
})

const Component = z.object({ name: z.string(), source_commit_hash: z.string().optional() })

export const Deployment = z.object({
  id: z.string(),
  phase: Phase.optional().default('UNKNOWN'),
  phase_last_updated_at: z.string().optional(),
  created_at: z.string().optional(),
  cause: z.string().optional(),
  services: z.array(Component).optional().default([]),
  workers: z.array(Component).optional().default([]),
  jobs: z.array(Component).optional().default([]),
  progress: z
    .object({
      success_steps: z.number().optional().default(0),
      total_steps: z.number().optional().default(0),
      steps: z.array(Step).optional().default([]),
    })
    .optional(),
})
export type Deployment = z.infer<typeof Deployment>

export const App = z.object({
  id: z.string(),
  spec: z.object({ name: z.string() }),
  live_url: z.string().optional(),
  active_deployment: Deployment.optional(),
  domains: z
    .array(z.object({ spec: z.object({ domain: z.string() }).optional(), phase: z.string().optional() }))
    .optional()
    .default([]),
})
export type App = z.infer<typeof App>

type Outcome = 'active' | 'failed' | 'replaced' | 'under way'

export function outcomeOf({ phase }: Deployment): Outcome {
  switch (phase) {
    case 'ACTIVE':
      return 'active'
    case 'ERROR':
    case 'CANCELED':
      return 'failed'
    case 'SUPERSEDED':
      return 'replaced'
    case 'UNKNOWN':
    case 'PENDING_BUILD':
    case 'BUILDING':
    case 'PENDING_DEPLOY':
    case 'DEPLOYING':
      return 'under way'
    default:
      return phase satisfies never
  }
}

/** The commits that its components are built from: one, unless something is amiss. */
export const commitsOf = ({ services, workers, jobs }: Deployment): string[] => [
  ...new Set([...services, ...workers, ...jobs].flatMap(({ source_commit_hash: hash }) => hash || [])),
]

/** Whether all of it is built from a commit, the beginning of whose name is enough; of none given, it always is. */
export function isOf(deployment: Deployment, commit: string | undefined): boolean {
  if (commit === undefined) return true
  const commits = commitsOf(deployment).map((each) => each.toLowerCase())
  return commits.length > 0 && commits.every((each) => each.startsWith(commit) || commit.startsWith(each))
}
