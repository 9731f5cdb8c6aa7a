/** do-app-spec.yaml, as far as it can be judged without an account. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../../src/cli/commands.ts'
import { readConfig, variables } from '../../src/config.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Readiness } from '../../src/readiness.ts'
import { buildHealthServer } from '../../src/web/health-server.ts'
import { makeCertificate } from '../esdb/certificate.ts'
import { filesBelow, root } from '../project-files.ts'
import { AppSpec } from './app-platform-spec.ts'

const text = readFileSync(join(root, 'do-app-spec.yaml'), 'utf8')
const spec = AppSpec.parse(parse(text))
const [web] = spec.services!
/** How App Platform is asked for what leads to a database of the app. */
const bound = (database: string) => `\${${database}.DATABASE_URL}`
const components = [...spec.services!, ...spec.workers!, ...spec.jobs!]

/** What a component is given: the app's variables, then its own. */
const variablesOf = ({ envs = [] }: { readonly envs?: AppSpec['envs'] }) =>
  new Map([...spec.envs!, ...envs].map((variable) => [variable.key, variable]))

/** What somebody fills in, or App Platform does. */
const filledIn: Readonly<Record<string, string>> = {
  EVENT_STORE_URL: 'esdb+discover://admin:secret@10.10.0.2:2113',
  NATS_URL: 'tls://taxbudget:secret@10.10.0.2:4222',
  TLS_CA: makeCertificate().certificate,
  SESSION_SECRET: 's'.repeat(64),
  OPERATOR_TOKEN: `ann:${'t'.repeat(24)}`,
  [bound('db')]: 'postgresql://taxbudget:secret@db.example.org:25060/taxbudget?sslmode=require',
  [bound('cache')]: 'rediss://default:secret@cache.example.org:25061',
}
const environmentOf = (component: Parameters<typeof variablesOf>[0]) =>
  Object.fromEntries(
    [...variablesOf(component).values()].map(({ key, value }) => [key, filledIn[value ?? key] ?? value]),
  )

describe('the app spec', () => {
  test.each([
    ['http_port: 3000', 'http_prot: 3000', 'http_prot'],
    ['kind: PRE_DEPLOY', 'kind: BEFORE', 'jobs.0.kind'],
    ['kind: SCHEDULED', 'kind: POST_DEPLOY', 'jobs.1'],
    ['cron: "17 9 * * *"', 'cron: daily', 'jobs.1.schedule.cron'],
    ['time_zone: Etc/UTC', 'time_zone: Mars/Base', 'jobs.1.schedule.time_zone'],
    ['rule: DOMAIN_FAILED', 'rule: CPU_UTILIZATION', 'alerts.1.rule'],
    ['drain_seconds: 15', 'drain_seconds: 300', 'services.0.termination.drain_seconds'],
    ['region: nyc', 'region: nyc1', 'region'],
    ['type: SECRET', 'type: HIDDEN', 'envs.4.type'],
    ['component: { name: web,', 'component: { name: api,', 'api, which is no service'],
    ['cluster_name: taxbudget-db', 'size: small', 'databases.0'],
    ['instance_size_slug: apps-s-1vcpu-2gb', 'instance_size_slug: apps-s-1vcpu-1gb-fixed', 'services.0'],
    ['- name: relay', '- name: web', 'same name'],
  ])('given %j became %j, then it would not fit the description of the API', (right, wrong, where) => {
    expect(text).toContain(right)
    const { error } = AppSpec.safeParse(parse(text.replace(right, wrong)))
    const told = error!.issues.map(
      ({ path, message, ...issue }) => `${path.join('.')} ${message} ${JSON.stringify(issue)}`,
    )
    expect(told.join('\n')).toContain(where)
  })

  test('has what the service needs: two web processes, relay, projectors, migration and daily doctor', () => {
    expect({ name: spec.name, region: spec.region }).toEqual({ name: 'taxbudget', region: 'nyc' })
    expect(spec.services!.map(({ name, instance_count: count }) => [name, count])).toEqual([['web', 2]])
    expect(spec.workers!.map(({ name }) => name)).toEqual(['relay', 'projector'])
    expect(spec.jobs!.map(({ name, kind, run_command: run }) => [name, kind, run])).toEqual([
      ['migrate', 'PRE_DEPLOY', 'node src/cli/main.ts migrate'],
      ['doctor', 'SCHEDULED', 'node src/cli/main.ts doctor --daily'],
    ])
    expect(commands.map(({ name }) => name)).toContain('migrate')
  })

  test('gives each process its role, and starts it as the image does', () => {
    const roles = [...spec.services!, ...spec.workers!].map((each) => [each.name, environmentOf(each).ROLES])
    expect(roles).toEqual([
      ['web', 'web'],
      ['relay', 'relay'],
      ['projector', 'projector'],
    ])
    for (const { name, dockerfile_path, run_command } of components) {
      expect(dockerfile_path, name).toBe('Dockerfile')
      expect(run_command === undefined || /^node src\/cli\/main\.ts /.test(run_command), name).toBe(true)
    }
  })

  test('is deployed by a push to main', () => {
    for (const { name, github } of components)
      expect(github, name).toEqual({
        repo: 'YOUR-ORGANISATION/taxbudget',
        branch: 'main',
        deploy_on_push: true,
      })
  })

  test('routes by ingress rules alone: the apex to web, www to the apex', () => {
    expect(text).not.toMatch(/^\s*routes:/m)
    const [www, all] = spec.ingress!.rules
    expect(www!.redirect).toMatchObject({ authority: 'budget.example.org', scheme: 'https' })
    expect(all).toMatchObject({ match: { path: { prefix: '/' } }, component: { name: 'web' } })
    expect(spec.domains!.map(({ domain, type }) => [domain, type])).toEqual([
      ['budget.example.org', 'PRIMARY'],
      ['www.budget.example.org', 'ALIAS'],
    ])
    expect(environmentOf(web!).PUBLIC_URL).toBe('https://budget.example.org')
  })

  test('asks for readiness and for life at paths that every process answers', async () => {
    const app = buildHealthServer({ metrics: new Metrics(), readiness: new Readiness(), logLevel: 'silent' })
    expect(web!.health_check!.http_path).toBe('/readyz')
    const lives = [...spec.services!, ...spec.workers!].map((each) => each.liveness_health_check)
    for (const check of lives) expect(check).toMatchObject({ http_path: '/livez' })
    for (const url of ['/readyz', '/livez']) expect((await app.inject({ url })).statusCode).toBe(200)
    for (const worker of spec.workers!)
      expect(worker.liveness_health_check!.port).toBe(Number(environmentOf(worker).PORT))
    expect(web!.http_port).toBe(Number(environmentOf(web!).PORT))
    await app.close()
  })

  test('gives processes longer to stop than they take, and the balancer time to let go of them', () => {
    const main = readFileSync(join(root, 'src', 'main.ts'), 'utf8')
    const stopMs = Number(/delay: ([\d_]+)/.exec(main)![1]!.replace('_', ''))
    for (const { name, termination } of components)
      expect(termination!.grace_period_seconds! * 1000, name).toBeGreaterThan(stopMs)
    const { period_seconds: period, failure_threshold: failures } = web!.health_check!
    expect(web!.termination!.drain_seconds).toBeGreaterThanOrEqual(period!)
    // A process that starts may wait 10 s for each of its servers.
    expect(period! * failures!).toBeGreaterThanOrEqual(30)
  })

  test('raises an alarm for what is to be scaled or mended', () => {
    expect(spec.alerts!.map(({ rule }) => rule)).toEqual(['DEPLOYMENT_FAILED', 'DOMAIN_FAILED'])
    for (const { name, alerts } of [...spec.services!, ...spec.workers!])
      expect(
        alerts!.map(({ rule }) => rule),
        name,
      ).toEqual(['CPU_UTILIZATION', 'MEM_UTILIZATION', 'RESTART_COUNT'])
  })

  test('is ready for autoscaling: what a comment proposes fits too', () => {
    const proposed = /# {3}(instance_size_slug: .*)\n\s*# {3}(autoscaling: .*)/.exec(text)!
    const scaled = text.replace(
      '    instance_size_slug: apps-s-1vcpu-2gb\n    instance_count: 2\n',
      `    ${proposed[1]}\n    ${proposed[2]}\n`,
    )
    expect(AppSpec.parse(parse(scaled)).services![0]!.autoscaling).toMatchObject({ min_instance_count: 2 })
  })
})

describe('the variables of the app spec', () => {
  test('are variables that the program knows, with values that it takes', () => {
    for (const component of components) {
      expect(variables, component.name).toEqual(expect.arrayContaining([...variablesOf(component).keys()]))
      expect(() => readConfig(environmentOf(component)), component.name).not.toThrow()
    }
  })

  test('lack none that is needed', () => {
    const notNeeded = [
      // The image has one; nothing that lasts is in it, since SESSION_SECRET is set.
      'DATA_DIR',
      // The log is in EventStoreDB.
      'ARCHIVE_DIR',
      // EventStoreDB is this service's own.
      'EVENT_STORE_PREFIX',
      // A managed cluster has them once somebody adds read-only nodes: docs/replicas.md.
      'DATABASE_REPLICA_URLS',
      // Of the command line at home.
      'DIGITALOCEAN_TOKEN',
    ]
    const ofWebAlone = ['OPERATOR_TOKEN', 'PUBLIC_URL', 'TRUST_PROXY']
    const ofProcesses = variables.filter((name) => !notNeeded.includes(name))
    expect([...variablesOf(web!).keys()].sort()).toEqual([...ofProcesses].sort())
    const ofWorkers = ofProcesses.filter((name) => !ofWebAlone.includes(name)).sort()
    for (const worker of spec.workers!)
      expect([...variablesOf(worker).keys()].sort(), worker.name).toEqual(ofWorkers)
    for (const job of spec.jobs!)
      expect([...variablesOf(job).keys()].sort(), job.name).toEqual(
        ofWorkers.filter((name) => name !== 'ROLES'),
      )
  })

  test('are bound to the managed databases, and lead to the others by TLS', () => {
    const { DATABASE_URL, REDIS_URL } = Object.fromEntries(spec.envs!.map(({ key, value }) => [key, value]))
    expect({ DATABASE_URL, REDIS_URL }).toEqual({
      DATABASE_URL: bound('db'),
      REDIS_URL: bound('cache'),
    })
    expect(spec.databases!.map(({ name, engine, production }) => [name, engine, production])).toEqual([
      ['db', 'PG', true],
      ['cache', 'VALKEY', true],
    ])
    const urls = [...text.matchAll(/# (\w+(?:\+\w+)?:\/\/\S+?),? /g)].map(([, url]) => url)
    expect(urls).toHaveLength(2)
    for (const url of urls) expect(url).toMatch(/^(esdb\+discover:\/\/admin|tls:\/\/taxbudget):PASSWORD@10\./)
    expect(text).not.toContain('tls=false')
  })

  test('hold no secret', () => {
    const all = [...spec.envs!, ...components.flatMap(({ envs = [] }) => envs)]
    const secret = all.filter(({ type }) => type === 'SECRET')
    expect(secret.map(({ key }) => key)).toEqual([
      'EVENT_STORE_URL',
      'NATS_URL',
      'TLS_CA',
      'SESSION_SECRET',
      'OPERATOR_TOKEN',
    ])
    for (const { key, value } of secret) expect(value, key).toBeUndefined()
    expect(text).not.toMatch(/dop_v1|BEGIN |:(?!PASSWORD@)[^\s/@]+@/)
    for (const { scope, key } of all) expect(scope, key).toBe('RUN_TIME')
  })

  test('have no value twice in the file, and no other file sets them for App Platform', () => {
    for (const component of components) {
      const own = (component.envs ?? []).map(({ key }) => key)
      expect(
        own.filter((key) => spec.envs!.some((each) => each.key === key)),
        component.name,
      ).toEqual([])
    }
    expect(filesBelow('docs', '.md').filter(({ source }) => source.includes('dop_v1_0'))).toEqual([])
  })
})
