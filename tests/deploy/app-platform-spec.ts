/**
 * App Platform's app specification, after DigitalOcean's public OpenAPI description and the schema that its own package
 * @digitalocean/mcp brings along. Strict: what is not known there is refused. What this project does not use of it
 * (static sites, functions, other sources of code, CORS, log destinations) is left out, and so refused as well.
 */
import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/)
const seconds = (from: number, to: number) => z.number().int().min(from).max(to)

const GitHub = z.strictObject({
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  branch: z.string().min(1),
  deploy_on_push: z.boolean().optional(),
})

const Variable = z
  .strictObject({
    key: z.string().regex(/^[_A-Za-z][_A-Za-z0-9]*$/),
    value: z.string().optional(),
    scope: z.enum(['UNSET', 'RUN_TIME', 'BUILD_TIME', 'RUN_AND_BUILD_TIME']).optional(),
    type: z.enum(['GENERAL', 'SECRET']).optional(),
  })
  .refine(
    ({ type, value }) => type === 'SECRET' || value !== undefined,
    'has neither a value nor the type SECRET',
  )

const HealthCheck = z.strictObject({
  http_path: z.string().startsWith('/').optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  initial_delay_seconds: seconds(0, 3600).optional(),
  period_seconds: seconds(1, 300).optional(),
  timeout_seconds: seconds(1, 120).optional(),
  success_threshold: z.number().int().min(1).max(50).optional(),
  failure_threshold: z.number().int().min(1).max(50).optional(),
})

const window = z.enum(['FIVE_MINUTES', 'TEN_MINUTES', 'THIRTY_MINUTES', 'ONE_HOUR'])

/** Of one component: a threshold over a time. */
const ComponentAlert = z.strictObject({
  rule: z.enum(['CPU_UTILIZATION', 'MEM_UTILIZATION', 'RESTART_COUNT']),
  operator: z.enum(['GREATER_THAN', 'LESS_THAN']),
  value: z.number().positive(),
  window,
  disabled: z.boolean().optional(),
})

/** Of the whole app: something has happened. */
const AppAlert = z.strictObject({
  rule: z.enum([
    'DEPLOYMENT_FAILED',
    'DEPLOYMENT_LIVE',
    'DEPLOYMENT_STARTED',
    'DEPLOYMENT_CANCELED',
    'DOMAIN_FAILED',
    'DOMAIN_LIVE',
    'AUTOSCALE_FAILED',
  ]),
  disabled: z.boolean().optional(),
})

const grace = seconds(1, 600).optional()
const component = {
  name,
  github: GitHub.optional(),
  dockerfile_path: z.string().optional(),
  source_dir: z.string().optional(),
  run_command: z.string().optional(),
  envs: z.array(Variable).optional(),
  instance_size_slug: z.enum([
    'apps-s-1vcpu-0.5gb',
    'apps-s-1vcpu-1gb-fixed',
    'apps-s-1vcpu-1gb',
    'apps-s-1vcpu-2gb',
    'apps-s-2vcpu-4gb',
    'apps-d-1vcpu-0.5gb',
    'apps-d-1vcpu-1gb',
    'apps-d-1vcpu-2gb',
    'apps-d-1vcpu-4gb',
    'apps-d-2vcpu-4gb',
    'apps-d-2vcpu-8gb',
    'apps-d-4vcpu-8gb',
    'apps-d-4vcpu-16gb',
    'apps-d-8vcpu-32gb',
  ]),
  instance_count: z.number().int().min(1).max(250).optional(),
  alerts: z.array(ComponentAlert).optional(),
}

const Autoscaling = z.strictObject({
  min_instance_count: z.number().int().min(1).max(250),
  max_instance_count: z.number().int().min(1).max(250),
  metrics: z.strictObject({
    cpu: z.strictObject({ percent: z.number().int().min(1).max(100) }).optional(),
    requests_per_second: z.strictObject({ per_instance: z.number().int().min(1) }).optional(),
    request_duration: z.strictObject({ p95_milliseconds: z.number().int().min(1) }).optional(),
  }),
})

/** How many there are is said once; scaling by itself, and more than one, are not for every size. */
const scaled = (it: {
  autoscaling?: unknown
  instance_count?: number | undefined
  instance_size_slug: string
}) =>
  (it.autoscaling === undefined ||
    (it.instance_count === undefined && it.instance_size_slug.startsWith('apps-d-'))) &&
  ((it.instance_count ?? 1) === 1 || !/0\.5gb$|-fixed$/.test(it.instance_size_slug.replace(/^apps-d.*/, '')))

const Service = z
  .strictObject({
    ...component,
    autoscaling: Autoscaling.optional(),
    http_port: z.number().int().min(1).max(65_535).optional(),
    health_check: HealthCheck.optional(),
    liveness_health_check: HealthCheck.optional(),
    termination: z
      .strictObject({ drain_seconds: seconds(1, 110).optional(), grace_period_seconds: grace })
      .optional(),
  })
  .refine(scaled, 'is not of a size that can be scaled so')

const Worker = z
  .strictObject({
    ...component,
    autoscaling: Autoscaling.optional(),
    liveness_health_check: HealthCheck.optional(),
    termination: z.strictObject({ grace_period_seconds: grace }).optional(),
  })
  .refine(scaled, 'is not of a size that can be scaled so')

/** Five fields, each `*`, numbers, ranges, steps, lists of these. */
const CRON =
  /^(\*|\d+(-\d+)?)(\/\d+)?(,(\*|\d+(-\d+)?)(\/\d+)?)*( (\*|\d+(-\d+)?)(\/\d+)?(,(\*|\d+(-\d+)?)(\/\d+)?)*){4}$/

const Job = z
  .strictObject({
    ...component,
    kind: z.enum(['UNSPECIFIED', 'PRE_DEPLOY', 'POST_DEPLOY', 'FAILED_DEPLOY', 'SCHEDULED']),
    schedule: z
      .strictObject({
        cron: z.string().regex(CRON),
        time_zone: z
          .string()
          .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'Etc/UTC'),
      })
      .optional(),
    timeout: z.string().optional(),
    termination: z.strictObject({ grace_period_seconds: grace }).optional(),
  })
  .refine(({ kind, schedule }) => (kind === 'SCHEDULED') === (schedule !== undefined), {
    message: 'has a schedule if, and only if, it is SCHEDULED',
  })

const Match = z
  .strictObject({ prefix: z.string().optional(), exact: z.string().optional() })
  .refine(({ prefix, exact }) => (prefix === undefined) !== (exact === undefined), 'is a prefix or exact')

const IngressRule = z
  .strictObject({
    match: z.strictObject({ path: Match.optional(), authority: Match.optional() }),
    component: z
      .strictObject({ name, preserve_path_prefix: z.boolean().optional(), rewrite: z.string().optional() })
      .optional(),
    redirect: z
      .strictObject({
        uri: z.string().optional(),
        authority: z.string().optional(),
        port: z.number().int().optional(),
        scheme: z.enum(['http', 'https']).optional(),
        redirect_code: z.literal([300, 301, 302, 303, 304, 307, 308]).optional(),
      })
      .optional(),
  })
  .refine(({ component: to, redirect }) => (to === undefined) !== (redirect === undefined), {
    message: 'leads to a component or redirects',
  })

const Database = z
  .strictObject({
    name,
    engine: z.enum(['UNSET', 'MYSQL', 'PG', 'REDIS', 'MONGODB', 'KAFKA', 'OPENSEARCH', 'VALKEY']),
    version: z.string().optional(),
    production: z.boolean().optional(),
    cluster_name: z.string().optional(),
    db_name: z.string().optional(),
    db_user: z.string().optional(),
  })
  .refine(({ production, cluster_name }) => !production || cluster_name !== undefined, {
    message: 'is a production database without a cluster',
  })

export const AppSpec = z
  .strictObject({
    name,
    region: z.enum(['ams', 'nyc', 'fra', 'sfo', 'sgp', 'blr', 'tor', 'lon', 'syd']).optional(),
    vpc: z.strictObject({ id: z.string() }).optional(),
    disable_edge_cache: z.boolean().optional(),
    disable_email_obfuscation: z.boolean().optional(),
    enhanced_threat_control_enabled: z.boolean().optional(),
    domains: z
      .array(
        z.strictObject({
          domain: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/),
          type: z.enum(['UNSPECIFIED', 'DEFAULT', 'PRIMARY', 'ALIAS']).optional(),
          wildcard: z.boolean().optional(),
          zone: z.string().optional(),
          minimum_tls_version: z.enum(['1.2', '1.3']).optional(),
        }),
      )
      .optional(),
    ingress: z.strictObject({ rules: z.array(IngressRule) }).optional(),
    egress: z.strictObject({ type: z.enum(['AUTOASSIGN', 'DEDICATED_IP']) }).optional(),
    databases: z.array(Database).optional(),
    envs: z.array(Variable).optional(),
    services: z.array(Service).optional(),
    workers: z.array(Worker).optional(),
    jobs: z.array(Job).optional(),
    alerts: z.array(AppAlert).optional(),
  })
  .superRefine((spec, context) => {
    const components = [
      ...(spec.services ?? []),
      ...(spec.workers ?? []),
      ...(spec.jobs ?? []),
      ...(spec.databases ?? []),
    ]
    const names = components.map((each) => each.name)
    if (new Set(names).size < names.length) context.addIssue('two components have the same name')
    for (const { component: to } of spec.ingress?.rules ?? [])
      if (to && !spec.services?.some((service) => service.name === to.name))
        context.addIssue(`a rule leads to ${to.name}, which is no service`)
    if ((spec.domains ?? []).filter(({ type }) => type === 'PRIMARY').length > 1)
      context.addIssue('there are two primary domains')
  })
export type AppSpec = z.infer<typeof AppSpec>
