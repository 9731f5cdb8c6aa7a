/** docker-compose.yml, as far as it can be judged without an engine that runs it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../../infra/programs.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { readConfig, variables } from '../../src/config.ts'
import { root } from '../project-files.ts'
import { composeText, composeWith, ourServices, schemaErrors } from './compose-file.ts'

const compose = composeWith()
const services = Object.entries(compose.services)
const ours = ourServices(compose)
const names = (some: readonly (readonly [string, unknown])[]) => some.map(([name]) => name)

/** To the last number, of which PostgreSQL has two and others three: nothing that moves. */
const isPinned = (image: string): boolean =>
  /^(postgres:\d+|[a-z][\w./-]*:\d+\.\d+)\.\d+(-[a-z][\w.]*)?$/.test(image)
/** `127.0.0.1:3000:3000`: open to this machine alone. */
const isLocal = (port: string): boolean => /^127\.0\.0\.1:\d+:\d+$/.test(port)

describe('the compose file', () => {
  test('fits the compose schema', () => {
    expect(schemaErrors(composeText)).toEqual([])
  })

  test.each([
    ['image: nats:2.11.17-alpine', 'imagee: nats:2.11.17-alpine', 'must NOT have additional properties'],
    ['condition: service_healthy', 'condition: service_ready', 'must be equal to one of the allowed values'],
    ['interval: 5s', 'interval: soon', 'must match format "duration"'],
    ['_PORT:-5432}:5432', '_PORT:-postgres}:5432', 'must match format "ports"'],
    ['init: true', 'init: perhaps', 'must be boolean'],
    ['replicas: 2', 'replicas: two', 'must be integer'],
  ])('given %j became %j, then it would not', (right, wrong, complaint) => {
    expect(composeText).toContain(right)
    expect(schemaErrors(composeText.replace(right, wrong)).join('\n')).toContain(complaint)
  })

  test('starts the servers, migrates, and runs two web processes, a relay and two projectors', () => {
    expect(names(services).sort()).toEqual(
      'eventstore migrate nats postgres projector redis relay web-1 web-2'.split(' '),
    )
    const processes = ours.flatMap(([, { environment, deploy }]) =>
      Array.from({ length: deploy?.replicas ?? 1 }, () => environment!.ROLES ?? 'none'),
    )
    expect(processes.sort()).toEqual(['none', 'projector', 'projector', 'relay', 'web', 'web'])
  })

  test('pins every image', () => {
    expect(services.filter(([, { image }]) => !isPinned(image))).toEqual([])
    const moving = [
      'redis',
      'redis:latest',
      'redis:8',
      'redis:alpine',
      'redis:8-alpine',
      'redis:8.2',
      'postgres:18',
    ]
    expect(moving.filter(isPinned)).toEqual([])
    expect(new Set(ours.map(([, { image }]) => image))).toEqual(new Set([`taxbudget:${packageJson.version}`]))
  })

  test('opens every port to this machine alone, and none twice', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(5)
    expect(ports.filter((port) => !isLocal(port))).toEqual([])
    expect(['3000:3000', '0.0.0.0:3000:3000', '[::]:1:1', '3000'].filter(isLocal)).toEqual([])
    expect(new Set(ports).size).toBe(ports.length)
    // One that is taken on this machine is another one's; inside, and for our processes, nothing changes.
    const names = [...composeText.matchAll(/127\.0\.0\.1:\$\{(\w+):-/g)].map(([, name]) => name!)
    expect(names).toHaveLength(ports.length)
    const moved = composeWith(Object.fromEntries(names.map((name, index) => [name, String(10_000 + index)])))
    expect(Object.values(moved.services).flatMap((service) => service.ports ?? [])).toEqual(
      ports.map((port, index) => port.replace(/:\d+:/, `:${10_000 + index}:`)),
    )
    expect(ourServices(moved).map(([, { environment }]) => environment)).toEqual(
      ours.map(([, { environment }]) => environment),
    )
  })

  test('has a health check for everything that stays', () => {
    const unchecked = services.filter(([, { healthcheck }]) => !healthcheck || healthcheck.disable)
    expect(names(unchecked)).toEqual(['migrate'])
    expect(unchecked.map(([, { restart }]) => restart)).toEqual(['no'])
    const passing = services.filter(([, { restart }]) => restart !== 'unless-stopped')
    expect(names(passing)).toEqual(['migrate'])
  })

  test('waits for what is there, in a way that comes true', () => {
    for (const [name, { depends_on = {} }] of services)
      for (const [target, { condition }] of Object.entries(depends_on)) {
        const { healthcheck } = compose.services[target] ?? expect.unreachable(`${name}: no ${target}`)
        const comesTrue = healthcheck.disable ? 'service_completed_successfully' : 'service_healthy'
        expect(`${name} ${target} ${condition}`).toBe(`${name} ${target} ${comesTrue}`)
      }
    for (const [name, { depends_on }] of ours)
      expect(Object.keys(depends_on!).sort(), name).toEqual(
        name === 'migrate' ? ['postgres'] : ['eventstore', 'migrate', 'nats', 'postgres', 'redis'],
      )
  })

  test('gives our processes longer to stop than they take', () => {
    const [, ms] = /delay: ([\d_]+)/.exec(readFileSync(join(root, 'src', 'main.ts'), 'utf8'))!
    for (const [, { stop_grace_period }] of ours)
      expect(Number(/^(\d+)s$/.exec(stop_grace_period!)![1]) * 1000).toBeGreaterThan(
        Number(ms!.replace('_', '')),
      )
  })

  test('lets nobody gain rights, and our processes have none', () => {
    for (const [name, service] of services)
      expect(service.security_opt, name).toEqual(['no-new-privileges:true'])
    for (const [name, { read_only, cap_drop }] of ours)
      expect({ name, read_only, cap_drop }).toEqual({ name, read_only: true, cap_drop: ['ALL'] })
    // PostgreSQL's image begins as root, makes its folder somebody else's, and becomes them.
    expect(names(services.filter(([, { cap_drop }]) => cap_drop?.[0] !== 'ALL'))).toEqual(['postgres'])
  })

  test('declares the volumes that are used, and no others', () => {
    const used = services.flatMap(([, service]) => service.volumes ?? []).filter((it) => !it.startsWith('.'))
    expect([...new Set(used.map((it) => it.split(':')[0]))].sort()).toEqual(
      Object.keys(compose.volumes).sort(),
    )
    expect(compose.services.postgres!.volumes).toEqual(['postgres-data:/var/lib/postgresql'])
    expect(compose.services.eventstore!.environment).toMatchObject({ EVENTSTORE_MEM_DB: 'false' })
  })
})

describe('what the compose file sets for our processes', () => {
  test('are variables that the program knows, with values that it takes', () => {
    for (const [name, { environment = {} }] of ours) {
      expect(variables, name).toEqual(expect.arrayContaining(Object.keys(environment)))
      expect(() => readConfig(environment), name).not.toThrow()
    }
  })

  test('leads to services of the file, by the ports that they listen on', () => {
    const urls = ours.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).flatMap(([name, value]) =>
        /^(?!PUBLIC).*_URL$/.test(name) ? [value] : [],
      ),
    )
    const targets = new Set(urls.map((url) => /([\w-]+:\d+)(\/\w+|\?.*)?$/.exec(url)![1]))
    expect([...targets].sort()).toEqual(['eventstore:2113', 'nats:4222', 'postgres:5432', 'redis:6379'])
    for (const target of targets) {
      const [host, port] = target!.split(':')
      expect(compose.services[host!]!.ports).toContain(`127.0.0.1:${port}:${port}`)
    }
  })

  test('agrees with what the servers are told', () => {
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = compose.services.postgres!.environment!
    for (const [name, { environment }] of ours)
      expect(environment!.DATABASE_URL, name).toBe(
        `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`,
      )
  })

  test('holds no secret, and takes those that .env sets, the same for all', () => {
    const secrets = {
      SESSION_SECRET: 's'.repeat(32),
      OPERATOR_TOKEN: 'o'.repeat(16),
      POSTGRES_PASSWORD: 'p123',
    }
    const set = composeWith(secrets)
    for (const [name, { environment = {} }] of ours) {
      expect(environment.SESSION_SECRET, name).toBe('')
      expect(set.services[name]!.environment).toMatchObject({
        SESSION_SECRET: secrets.SESSION_SECRET,
        DATABASE_URL: expect.stringContaining(`:${secrets.POSTGRES_PASSWORD}@`),
      })
    }
    for (const name of ['web-1', 'web-2']) {
      expect(compose.services[name]!.environment!.OPERATOR_TOKEN).toBe('')
      expect(set.services[name]!.environment!.OPERATOR_TOKEN).toBe(secrets.OPERATOR_TOKEN)
    }
    expect(set.services.postgres!.environment!.POSTGRES_PASSWORD).toBe(secrets.POSTGRES_PASSWORD)
  })

  test('given no SESSION_SECRET, then all keep the one that is made in the same volume', () => {
    for (const [name, { environment, volumes }] of ours)
      expect(volumes, name).toEqual([`secret:${environment!.DATA_DIR}`])
  })
})

describe('the settings of NATS', () => {
  const path = join(root, 'infra', 'nats', 'nats-server.conf')
  const text = readFileSync(path, 'utf8')

  test('are where the container looks for them, and its data is in a volume', () => {
    expect(compose.services.nats!.volumes).toEqual([
      './infra/nats/nats-server.conf:/etc/nats/nats-server.conf:ro',
      'nats-data:/data',
    ])
    expect(text).toContain('store_dir: /data\n')
  })

  test('have every write on disk, and are understood by a real server', () => {
    expect(text).toMatch(/^ {2}sync_interval: always$/m)
    const folder = mkdtempSync(join(tmpdir(), 'taxbudget-nats-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const copy = join(folder, 'nats.conf')
    // The server of Debian 12 is older than the word.
    writeFileSync(copy, text.replace('sync_interval: always', ''))
    const { status, stderr } = spawnSync(findProgram('nats-server')!, ['-t', '-c', copy], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('is valid') })
  })
})
