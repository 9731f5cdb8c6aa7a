/** Alert rules and the dashboard against what a running service really tells. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from '../project-files.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, rightAllocation, submit } from '../web/api-client.ts'
import { exposedIn } from './exposed.ts'
import { readsOf } from './promql.ts'

const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Taxbudget[A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[mh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'warning', 'scale']) }),
          annotations: z.strictObject({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
})

const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      targets: z
        .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
        .optional(),
    }),
  ),
})

const file = (name: string) => readFile(join(root, 'infra', 'monitoring', name), 'utf8')
const rules = Rules.parse(parse(await file('alerts.yaml'))).groups.flatMap((group) => group.rules)
const panels = Dashboard.parse(JSON.parse(await file('dashboard.json'))).panels
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))

/** What Prometheus adds to every line. */
const OF_TARGETS = ['instance', 'job']
/** What a summary or an action may say of an alert. */
const placeholders = (text: string) => [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!)

let redis: RedisServer
let nats: NatsServer
let replica: TestDatabase
let service: TestService
let exposed: Map<string, Record<string, string>[]>

beforeAll(async () => {
  ;[redis, nats] = await Promise.all([RedisServer.start('--maxmemory', '50mb'), NatsServer.start()])
  // A replica of nothing, but it is told of.
  replica = await createTestDatabase()
  const settings = { REDIS_URL: redis.url, NATS_URL: nats.url, DATABASE_REPLICA_URLS: replica.url }
  service = await startTestService(settings)
  await traffic()
  // Everything that is told after a moment is there.
  exposed = await eventually(async () => {
    const { text } = await ask(`${service.url}/metrics`)
    const found = exposedIn(text)
    expect(found.get('taxbudget_lag_events')).toContainEqual({ follower: 'relay' })
    expect(found.get('taxbudget_build_progress_ratio')).toHaveLength(1)
    expect(found.get('taxbudget_snapshot_age_seconds')).toHaveLength(1)
    expect(found.get('taxbudget_replica_lag_seconds')).toHaveLength(1)
    return found
  })
})
afterAll(async () => {
  await service?.close()
  await replica?.drop()
  await Promise.all([redis?.close(), nats?.close()])
})

async function traffic(): Promise<void> {
  await submit(service.url, rightAllocation)
  // The poll is open; soon it can be read, too.
  for (const path of ['/api/polls/us-federal/results', '/'])
    await eventually(async () => expect((await ask(service.url + path)).status, path).toBe(200), 30_000)
  await ask(`${service.url}/nowhere`)
  await ask(`${service.url}/api/polls/us-federal/submissions?format=csv`)
  await ask(`${service.url}/api/polls/us-federal/submissions`, { method: 'POST', json: {} })
  const client = new pg.Client(service.config.databaseUrl)
  await client.connect()
  await client.query(
    `insert into projections (name, version, fold_version, status) values ('category-aggregate', 2, 2, 'building')`,
  )
  await client.end()
}

/** Figures of `expression` that no line of the service would ever give. */
function unreal(expression: string): string[] {
  const { selected, groupedBy } = readsOf(expression)
  expect(selected.length, expression).toBeGreaterThan(0)
  const labelsOf = (metric: string) =>
    new Set((exposed.get(metric) ?? []).flatMap((labels) => Object.keys(labels)))
  const wrong = selected.flatMap(({ metric, matchers }) => {
    const lines = exposed.get(metric)
    if (!lines) return [metric]
    return matchers.flatMap(({ label, operator, value }) => {
      // An empty label is one that is not there.
      const values = lines.map((line) => line[label] ?? '')
      const pattern = new RegExp(`^(?:${value})$`)
      const matches = (one: string) => (operator.endsWith('~') ? pattern.test(one) : one === value)
      const real = labelsOf(metric).has(label) && values.some(matches)
      // Nothing has gone wrong so far: that there is such a class is known of the others.
      return real || (label === 'status' && /^[1-5]xx$/.test(value))
        ? []
        : [`${metric}{${label}${operator}"${value}"}`]
    })
  })
  const known = new Set([...OF_TARGETS, ...selected.flatMap(({ metric }) => [...labelsOf(metric)])])
  return [...wrong, ...groupedBy.filter((label) => !known.has(label)).map((label) => `by (${label})`)]
}

describe('PromQL', () => {
  it('is read as Prometheus reads it', () => {
    expect(readsOf('sum by (a) (rate(x_total{b="c",d!~"e|f"}[5m])) / y > 1')).toEqual({
      selected: [
        {
          metric: 'x_total',
          matchers: [
            { label: 'b', operator: '=', value: 'c' },
            { label: 'd', operator: '!~', value: 'e|f' },
          ],
        },
        { metric: 'y', matchers: [] },
      ],
      groupedBy: ['a'],
    })
    expect(() => readsOf('sum(x) by by')).toThrow('no PromQL')
  })

  it('given a figure or a label that does not exist, it is found', () => {
    expect(unreal('max(taxbudget_parked) > 0')).toEqual(['taxbudget_parked'])
    expect(unreal('max by (tier) (taxbudget_parked_events)')).toEqual(['by (tier)'])
    expect(unreal('taxbudget_lag_events{follower="nobody"}')).toEqual([
      'taxbudget_lag_events{follower="nobody"}',
    ])
    expect(unreal('taxbudget_lag_events{tier=~".*"}')).toEqual(['taxbudget_lag_events{tier=~".*"}'])
  })
})

describe('alert rules', () => {
  it('are those that were promised, each under a name of its own', () => {
    const names = rules.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    const scaling = rules.filter(({ labels }) => labels.severity === 'scale').map(({ expr }) => expr)
    expect(scaling.some((expr) => expr.includes('0.95') && expr.endsWith('> 0.2'))).toBe(true)
    expect(scaling).toContain('max(taxbudget_backlog_events) > 1000')
    expect(scaling.some((expr) => expr.includes('redis_memory') && expr.endsWith('> 0.8'))).toBe(true)
  })

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s reads what is there', (_, rule) => {
    expect(unreal(rule.expr)).toEqual([])
  })

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s speaks of labels that it has', (_, rule) => {
    const { groupedBy } = readsOf(rule.expr)
    const spoken = Object.values(rule.annotations).flatMap(placeholders)
    expect(spoken.filter((label) => !groupedBy.includes(label))).toEqual([])
  })
})

describe('the dashboard', () => {
  it('has panels, each with a number of its own', () => {
    const ids = panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(targets.length).toBeGreaterThan(30)
  })

  it.each(targets.map((target) => [`${target.title}, ${target.refId}`, target] as const))(
    '%s reads what is there',
    (_, { expr, legendFormat }) => {
      expect(unreal(expr)).toEqual([])
      const { groupedBy } = readsOf(expr)
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
      expect(shown.filter((label) => !groupedBy.includes(label))).toEqual([])
    },
  )

  it('shows every figure of ours', () => {
    const ours = [...exposed.keys()].filter((name) => name.startsWith('taxbudget_'))
    const shown = new Set(
      [...rules, ...targets].flatMap(({ expr }) => readsOf(expr).selected.map(({ metric }) => metric)),
    )
    const family = (name: string) => name.replace(/_(bucket|sum|count)$/, '')
    const families = new Set([...shown].map(family))
    expect([...new Set(ours.map(family))].filter((name) => !families.has(name))).toEqual([])
  })
})

describe('/metrics under traffic', () => {
  it('tells how long each route took, by its pattern, never by its address', async () => {
    const { text } = await ask(`${service.url}/metrics`)
    const counts = [...text.matchAll(/^taxbudget_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
      ([, labels]) => labels,
    )
    expect(counts).toEqual(
      expect.arrayContaining([
        'method="POST",route="/api/polls/:poll/submissions",status="2xx"',
        'method="POST",route="/api/polls/:poll/submissions",status="4xx"',
        'method="GET",route="/api/polls/:poll/results",status="2xx"',
        'method="GET",route="/",status="2xx"',
        'method="any",route="none",status="4xx"',
      ]),
    )
    expect(text).not.toMatch(/nowhere|us-federal/)
  })

  it('counts what it did, and not twice', async () => {
    const value = async (line: string) => {
      const { text } = await ask(`${service.url}/metrics`)
      const escaped = line.replace(/[{}().*+?$^|[\]\\/]/g, '\\$&')
      return Number(new RegExp(`^${escaped} (\\S+)$`, 'm').exec(text)?.[1])
    }
    const posts =
      'taxbudget_http_request_duration_seconds_count{method="POST",route="/api/polls/:poll/submissions",status="2xx"}'
    const appended = 'taxbudget_events_appended_total{type="AllocationSubmitted"}'
    const before = await Promise.all([posts, appended, 'taxbudget_append_duration_seconds_count'].map(value))
    for (let times = 0; times < 5; times++) await submit(service.url, rightAllocation)
    const after = await Promise.all([posts, appended, 'taxbudget_append_duration_seconds_count'].map(value))
    expect(after.map((each, index) => each - before[index]!)).toEqual([5, 5, 5])
    await eventually(async () => {
      expect(await value('taxbudget_backlog_events')).toBe(0)
      expect(await value('taxbudget_lag_seconds{follower="results"}')).toBe(0)
      expect(await value('taxbudget_lag_events{follower="relay"}')).toBe(0)
    })
    expect(await value('taxbudget_redis_memory_limit_bytes')).toBe(50 * 1024 * 1024)
    expect(await value('taxbudget_redis_memory_bytes')).toBeGreaterThan(100_000)
    expect(await value('taxbudget_database_size_bytes')).toBeGreaterThan(1_000_000)
    expect(await value('taxbudget_http_connections')).toBeGreaterThanOrEqual(1)
  })
})
