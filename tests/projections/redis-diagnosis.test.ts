/** What somebody is told who starts the program with a REDIS_URL that does not work, and what is waited for instead. */
import { once } from 'node:events'
import { createServer as createWebServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StartsWithout } from '../../src/first-contact.ts'
import { RedisSnapshotStore } from '../../src/projections/redis-snapshot-store.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { quietPort } from '../support/world/ports.ts'

const PASSWORD = 'hidden-password'

async function given(...settings: readonly string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings)
  onTestFinished(() => server.close())
  return server
}

/** A server that is not Redis as we know it. @returns its URL */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `redis://:${PASSWORD}@127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function open(url: string) {
  const connections: (Error | undefined)[] = []
  const onConnection = (error?: Error) => connections.push(error)
  const store = await RedisSnapshotStore.open({ url, database: 'x', onConnection, patienceMs: 0 })
  onTestFinished(() => store.close())
  return { store, connections }
}

/** The sentence with which the start stops. */
async function told(url: string): Promise<string> {
  const error = await open(url).then(
    () => expect.unreachable('it started'),
    (reason: Error) => reason,
  )
  const { message } = error as Error
  expect(message).toMatch(/^REDIS_URL: .{20,}/)
  expect(message).not.toContain('\n')
  expect(message).not.toContain(PASSWORD)
  return message
}

const at = (url: string, change: Partial<Record<'username' | 'password' | 'pathname', string>>): string =>
  Object.assign(new URL(url), change).href

describe('a REDIS_URL that has to be changed stops the start', () => {
  it.each([
    [
      'redis',
      ": it is a container's name (docker-compose.yml), known inside the containers alone. Outside them write",
    ],
    ['no-such-host.invalid', ". If it is a container's name, write 127.0.0.1 outside the containers:"],
  ])('when its host %s does not resolve', async (host, why) => {
    expect(await told(`redis://${host}:6379`)).toBe(
      `REDIS_URL: the host "${host}" does not resolve${why} redis://127.0.0.1:6379`,
    )
  })

  it('when the password is wrong or missing', async () => {
    const { url } = await given('--requirepass', 'right')
    const refused = 'refuses the user "default" with this password'
    expect(await told(at(url, { password: PASSWORD }))).toContain(refused)
    expect(await told(at(url, { username: 'me', password: PASSWORD }))).toContain('refuses the user "me"')
    expect(await told(url)).toContain('wants a password: write redis://:password@127.0.0.1:')
    expect((await open(at(url, { password: 'right' }))).connections).toEqual([undefined])
  })

  it('when the server is too old', async () => {
    const info = '# Server\r\nredis_version:5.0.14\r\n'
    const url = await listen((socket) => {
      socket.on('data', (data) => {
        const commands = [...String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)].map(([, name]) => name!)
        for (const name of commands)
          if (/info/i.test(name)) socket.write(`$${info.length}\r\n${info}\r\n`)
          else socket.write(/hello/i.test(name) ? '-ERR unknown command `HELLO`\r\n' : '+OK\r\n')
      })
    })
    expect(await told(url)).toContain('is Redis 5.0.14, which is too old. Use Redis 6 or newer')
  })

  it('when it has no such database', async () => {
    const { url } = await given()
    expect(await told(at(url, { pathname: '/999' }))).toContain('DB index is out of range')
  })

  it('when something else answers', async () => {
    const url = await listen((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'))
    expect(await told(url)).toMatch(
      /^REDIS_URL: 127\.0\.0\.1:\d+ does not answer as Redis does: Unknown RESP type 83 "S"\.$/,
    )
  })

  it('when TLS is wanted of a server that speaks something else', async () => {
    const url = await listen((socket) => socket.on('data', () => socket.write('-ERR unknown command\r\n')))
    expect(await told(url.replace('redis:', 'rediss:'))).toMatch(/127\.0\.0\.1:\d+: .*SSL/)
  })
})

describe('a Redis that is away when the program starts', () => {
  const meanwhile = 'Until it answers, results come from the projection.'

  it('because nothing listens yet, is told of, and found as soon as it is there', async () => {
    const server = await given()
    await server.kill()
    const { store, connections } = await open(server.url)
    expect(connections[0]).toBeInstanceOf(StartsWithout)
    expect(connections[0]!.message).toBe(
      `REDIS_URL: nothing listens on ${server.url.replace('redis://', '')}. Start Redis there, or unset the variable to ` +
        `keep snapshots in the process. ${meanwhile}`,
    )
    await expect(store.get('one')).rejects.toThrow('Redis is not connected')
    await server.restart()
    await eventually(async () => expect(await store.get('one')).toBeUndefined())
    expect(connections.at(-1)).toBeUndefined()
  })

  it('because it is silent, does not hold up the start', async () => {
    const server = await given()
    server.pause()
    const started = performance.now()
    const { store, connections } = await open(server.url)
    expect(performance.now() - started).toBeLessThan(4000)
    expect(connections[0]!.message).toBe(
      `REDIS_URL: ${server.url.replace('redis://', '')} does not answer. ${meanwhile}`,
    )
    server.resume()
    await eventually(async () => expect(await store.get('one')).toBeUndefined())
  })

  it('because it hangs up, does not hold up the start', async () => {
    const { connections } = await open(await listen((socket) => socket.destroy()))
    expect(connections[0]!.message).toMatch(/ does not answer as Redis does: it hangs up\. Until it answers/)
  })

  it('because TLS is wanted of a Redis without, says what to write', async () => {
    const { url } = await given()
    const { connections } = await open(url.replace('redis:', 'rediss:'))
    expect(connections[0]!.message).toBe(
      `REDIS_URL: ${url.replace('redis://', '')} does not answer. If it does without TLS, write redis:// instead of ` +
        `rediss://. ${meanwhile}`,
    )
  })
})

it('given it is NATS or HTTP, says that, whether it hangs up before it is understood or after', async () => {
  const nats = await NatsServer.start()
  onTestFinished(() => nats.close())
  const web = createWebServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(web, 'listening')
  onTestFinished(() => void web.close())
  const { port } = web.address() as AddressInfo
  for (const server of [nats.url.slice('nats://'.length), `127.0.0.1:${port}`]) {
    const { message } = await open(`redis://${server}`).then(
      ({ connections }) => connections[0]!,
      (error: Error) => error,
    )
    expect(message).toMatch(
      /^REDIS_URL: \S+ does not answer as Redis does: (Unknown RESP type \d+ "."|it hangs up)\./,
    )
  }
})

it('given another port than any server’s, the URL may name IPv6', async () => {
  const { connections } = await open(`redis://[::1]:${await quietPort()}`)
  expect(connections[0]!.message).toMatch(/^REDIS_URL: (nothing listens on )?\[::1\]:\d+/)
})
