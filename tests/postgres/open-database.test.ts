import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { databaseUrl, TEMPLATE } from '../support/database-url.ts'

const right = new URL(databaseUrl(inject('serverUrl'), TEMPLATE))
const PASSWORD = 'hidden-password'

/** The same connection string with something wrong in it. */
function wrong(
  change: Partial<Record<'hostname' | 'port' | 'password' | 'pathname' | 'username', string>>,
): string {
  return Object.assign(new URL(right), change).href
}

/** What somebody is told who starts the program with this DATABASE_URL. */
async function told(url: string): Promise<string> {
  const error = await openDatabase({ databaseUrl: url, dataDir: '/nowhere' }).then(
    () => expect.unreachable('it connected'),
    (reason: Error) => reason,
  )
  const { message } = error as Error
  expect(message).toMatch(/^DATABASE_URL: .{20,}/)
  expect(message).not.toContain('\n')
  expect(message).not.toContain(new URL(url).password)
  return message
}

let server: Server | undefined
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server?.close()
})

/** A server that is not PostgreSQL. @returns its port */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return String((server.address() as AddressInfo).port)
}

test('given the right connection string, then it opens, with an up-to-date schema', async () => {
  const database = await openDatabase({ databaseUrl: right.href, dataDir: '/nowhere' })
  expect(database).toMatchObject({ url: right.href, migrated: [] })
  await database.close()
})

describe('a DATABASE_URL that does not lead to a database says what is wrong', () => {
  test.each(['postgres', 'no-such-host.invalid'])('given the host %s does not resolve', async (hostname) => {
    expect(await told(wrong({ hostname }))).toContain(
      `the host "${hostname}" does not resolve. If it is a container's name, write 127.0.0.1 outside the containers: ` +
        `postgres://${right.username}:…@127.0.0.1:${right.port}/${TEMPLATE}`,
    )
  })

  test.each(['127.0.0.1', 'localhost'])('given nothing listens at %s', async (hostname) => {
    const port = await listen(() => {})
    server!.close()
    await once(server!, 'close')
    expect(await told(wrong({ hostname, port }))).toContain(`nothing listens on ${hostname}:${port}.`)
  })

  test('given a wrong password', async () => {
    expect(await told(wrong({ password: PASSWORD }))).toContain(`refuses the user "${right.username}"`)
  })

  test('given a wrong user', async () => {
    expect(await told(wrong({ username: 'nobody', password: PASSWORD }))).toContain(
      'refuses the user "nobody"',
    )
  })

  test('given no such database', async () => {
    expect(await told(wrong({ pathname: '/nothing' }))).toContain(
      'has no database "nothing". Create it: createdb',
    )
  })

  test('given somebody else listens there and hangs up', async () => {
    const port = await listen((socket) => socket.end())
    expect(await told(wrong({ port, password: PASSWORD }))).toContain(`127.0.0.1:${port}`)
  })

  test('given somebody else listens there and talks', async () => {
    const port = await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'))
    expect(await told(wrong({ port, password: PASSWORD }))).toContain(`127.0.0.1:${port}`)
  })

  test('given somebody else listens there and says nothing', { timeout: 20_000 }, async () => {
    const port = await listen(() => {})
    expect(await told(wrong({ port, password: PASSWORD }))).toContain(`127.0.0.1:${port}`)
  })
})
