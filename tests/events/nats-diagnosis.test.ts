/** What somebody is told who starts the program with a NATS_URL that does not work. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { NatsClient } from '../../src/events/nats/client.ts'
import { examineNats, openNats } from '../../src/events/nats/open.ts'
import { StartsWithout } from '../../src/first-contact.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { quietPort } from '../support/world/ports.ts'

const PASSWORD = 'hidden-password'

async function given(...settings: readonly string[]): Promise<string> {
  const server = await NatsServer.start(...settings)
  onTestFinished(() => server.close())
  return server.url.replace('nats://', '')
}

/** A server that is not NATS as we know it. @returns where it is */
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
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Says what it is, and takes in everybody. */
const natsThatIs = (info: object) =>
  listen((socket) => {
    socket.write(`INFO ${JSON.stringify({ server_id: 'x', headers: true, max_payload: 1e6, ...info })}\r\n`)
    socket.on('data', (data) => {
      for (const _ of String(data).matchAll(/PING\r\n/g)) socket.write('PONG\r\n')
    })
  })

async function open(url: string) {
  const connections: (Error | undefined)[] = []
  const onConnection = (error?: Error) => connections.push(error)
  const nats = await openNats({ url, id: 'x', onConnection, patienceMs: 0 })
  onTestFinished(() => nats.close())
  return connections
}

/** The sentence with which the start stops. */
async function told(url: string): Promise<string> {
  const error = await open(url).then(
    () => expect.unreachable('it started'),
    (reason: Error) => reason,
  )
  const { message, cause } = error as Error
  expect(message).toMatch(/^NATS_URL: .{20,}/)
  expect(message).not.toContain('\n')
  expect(message).not.toContain(PASSWORD)
  expect(cause).toBeInstanceOf(Error)
  return message
}

describe('a NATS_URL that has to be changed stops the start', () => {
  it('when its host does not resolve', async () => {
    expect(await told('nats://nats.invalid')).toBe(
      'NATS_URL: the host "nats.invalid" does not resolve. If it is a container\'s name, write 127.0.0.1 outside the ' +
        'containers: nats://127.0.0.1:4222',
    )
  })

  it('when the password is wrong or missing', async () => {
    const server = await given('--user', 'me', '--pass', 'right')
    expect(await told(`nats://me:${PASSWORD}@${server}`)).toContain(
      `${server} refuses the user "me" with this password. Write what it knows`,
    )
    expect(await told(`nats://${server}`)).toBe(
      `NATS_URL: ${server} wants a password: write nats://user:password@${server}`,
    )
    expect(await open(`nats://me:right@${server}`)).toEqual([undefined])
  })

  it('when the server is too old', async () => {
    const server = await natsThatIs({ version: '2.8.4', jetstream: true, proto: 1 })
    expect(await told(`nats://${server}`)).toBe(
      `NATS_URL: ${server} is NATS 2.8.4, which is too old. Use NATS 2.9 or newer, or unset the variable to keep the ` +
        'bus in the process.',
    )
  })

  it('when it has no JetStream', async () => {
    const server = await natsThatIs({ version: '2.11.0', proto: 1 })
    expect(await told(`nats://${server}`)).toBe(
      `NATS_URL: ${server} has no JetStream. Start it with it: nats-server --jetstream`,
    )
  })

  it('when TLS is wanted of a server without', async () => {
    expect(await told(`tls://${await given()}`)).toContain(
      'does without TLS: write nats:// instead of tls://',
    )
  })

  it('when something else answers', async () => {
    const server = await listen((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'))
    expect(await told(`nats://${server}`)).toContain(`${server} does not answer as NATS does: `)
  })
})

describe('a NATS that is away when the program starts is told of in a sentence', () => {
  const meanwhile = 'Until it answers, the event log is followed without it.'

  it('because nothing listens yet', async () => {
    const server = `127.0.0.1:${await quietPort()}`
    const [away] = await open(`nats://me:${PASSWORD}@${server}`)
    expect(away).toBeInstanceOf(StartsWithout)
    expect(away!.message).toBe(
      `NATS_URL: nothing listens on ${server}. Start NATS there, or unset the variable to keep the bus in the process. ` +
        meanwhile,
    )
  })

  it('because it waits for its client to speak, as Redis, PostgreSQL and HTTP do', async () => {
    const redis = await RedisServer.start()
    onTestFinished(() => redis.close())
    const server = redis.url.replace('redis://', '')
    expect((await open(`nats://${server}`))[0]!.message).toBe(
      `NATS_URL: ${server} does not answer as NATS does: it says nothing, and NATS speaks first. ${meanwhile}`,
    )
  })

  it('because it hangs up', async () => {
    const server = await listen((socket) => socket.destroy())
    expect((await open(`nats://${server}`))[0]!.message).toBe(
      `NATS_URL: ${server} does not answer as NATS does: it hangs up. ${meanwhile}`,
    )
  })
})

describe('a NATS that is looked at leaves no connection behind', () => {
  /** @returns its address, and how many connections to it are open */
  const counted = async (greet: (socket: Socket) => void) => {
    let open = 0
    const server = await listen((socket) => {
      open++
      socket.on('close', () => open--).resume()
      greet(socket)
    })
    return { url: `nats://${server}`, open: () => open }
  }

  it('when it is silent', async () => {
    const { url, open } = await counted(() => {})
    await expect(examineNats(url)).rejects.toThrow('it says nothing')
    await eventually(async () => expect(open()).toBe(0))
  })

  it('when it goes silent after it has told what it is', async () => {
    const info = {
      server_id: 'x',
      version: '2.11.0',
      headers: true,
      max_payload: 1e6,
      proto: 1,
      jetstream: true,
    }
    const { url, open } = await counted((socket) => {
      socket.write(`INFO ${JSON.stringify(info)}\r\n`)
      socket.once('data', () => socket.write('PONG\r\n'))
    })
    await expect(examineNats(url)).rejects.toThrow('says what it is, and then nothing any more')
    await eventually(async () => expect(open()).toBe(0))
  })

  it('nor one that is kept trying to connect to', async () => {
    let [open, most, made] = [0, 0, 0]
    const server = await listen((socket) => {
      made++
      most = Math.max(most, ++open)
      socket.on('close', () => open--).resume()
    })
    const client = await NatsClient.open(`nats://${server}`)
    await eventually(async () => expect(made).toBeGreaterThan(2))
    await client.close()
    await eventually(async () => expect(open).toBe(0))
    expect(most).toBe(1)
  })
})
