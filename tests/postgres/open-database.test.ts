import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { afterEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { databaseUrl, TEMPLATE } from '../support/database-url.ts'
import { quietPort } from '../support/world/ports.ts'
import { fatal, oneRow, welcome } from './wire.ts'

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
  const error = await openDatabase({ databaseUrl: url, dataDir: '/nowhere' }, { patienceMs: 0 }).then(
    () => expect.unreachable('it connected'),
    (reason: Error) => reason,
  )
  const { message } = error as Error
  expect(message).toMatch(/^DATABASE_URL: .{20,}/)
  expect(message).not.toContain('\n')
  expect(message).not.toContain(new URL(url).password || PASSWORD)
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
  test.each([
    [
      'postgres',
      ": it is a container's name (docker-compose.yml), known inside the containers alone. Outside them write",
    ],
    ['no-such-host.invalid', ". If it is a container's name, write 127.0.0.1 outside the containers:"],
  ])('given the host %s does not resolve', async (hostname, why) => {
    expect(await told(wrong({ hostname }))).toContain(
      `the host "${hostname}" does not resolve${why} postgres://${right.username}:…@127.0.0.1:${right.port}/${TEMPLATE}`,
    )
  })

  test.each(['127.0.0.1', 'localhost'])('given nothing listens at %s', async (hostname) => {
    const port = await listen(() => {})
    server!.close()
    await once(server!, 'close')
    expect(await told(wrong({ hostname, port }))).toContain(`nothing listens on ${hostname}:${port}.`)
  })

  test('given a wrong password', async () => {
    expect(await told(wrong({ password: PASSWORD }))).toBe(
      `DATABASE_URL: ${right.host} refuses the user "${right.username}" with this password. Write what it knows, with ` +
        `%40 for @ and %2F for /: postgres://user:password@${right.host}/${TEMPLATE}`,
    )
  })

  test('given no password', async () => {
    expect(await told(wrong({ password: '' }))).toContain(
      `wants a password: write postgres://user:password@${right.host}`,
    )
  })

  test.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
    'given TLS (%s) where there is none, and nothing else is printed',
    async (mode) => {
      const warn = vi.spyOn(process, 'emitWarning')
      onTestFinished(() => warn.mockRestore())
      const url = `${wrong({ password: PASSWORD })}?sslmode=${mode}`
      expect(await told(url)).toContain('does not speak TLS. Leave sslmode out of the URL.')
      expect(warn).not.toHaveBeenCalled()
    },
  )

  test('given it lets in nobody without TLS', async () => {
    const words = 'no pg_hba.conf entry for host "10.0.0.2", user "me", database "x", no encryption'
    const port = await listen((socket) => socket.end(fatal('28000', words)))
    expect(await told(wrong({ port, password: PASSWORD }))).toBe(
      `DATABASE_URL: 127.0.0.1:${port}: ${words}. If it wants TLS, add ?sslmode=verify-full`,
    )
  })

  test('given a server that is too old', async () => {
    const port = await listen((socket) => {
      socket.once('data', () => {
        socket.write(welcome)
        socket.once('data', () => socket.write(oneRow('server_version', '14.19 (Debian 14.19-1)')))
      })
    })
    expect(await told(wrong({ port, password: PASSWORD }))).toBe(
      `DATABASE_URL: 127.0.0.1:${port} is PostgreSQL 14.19 (Debian 14.19-1), which is too old. Use PostgreSQL 15 or ` +
        'newer, or unset the variable to use the embedded one.',
    )
  })

  test('given a wrong user', async () => {
    expect(await told(wrong({ username: 'nobody', password: PASSWORD }))).toContain(
      'refuses the user "nobody"',
    )
  })

  test('given no such database', async () => {
    expect(await told(wrong({ pathname: '/nothing' }))).toBe(
      `DATABASE_URL: ${right.host} has no database "nothing". Create it: ` +
        `createdb -h ${right.hostname} -p ${right.port} -U ${right.username} nothing`,
    )
  })

  test('given it names no database', async () => {
    const user = 'somebody_without_a_database'
    const client = new pg.Client(right.href)
    await client.connect()
    onTestFinished(async () => {
      await client.query(`drop role ${user}`)
      await client.end()
    })
    await client.query(`create role ${user} login password 'right'`)
    expect(await told(wrong({ pathname: '', username: user, password: 'right' }))).toBe(
      `DATABASE_URL: it names no database, and there is none called like the user, "${user}". Write its name at the ` +
        `end: postgres://user:password@${right.host}/taxbudget`,
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

/** What stands in for a container that is still starting: refuses so many connections, then passes them on. */
async function startLate(refuse: (socket: Socket) => void, refusals: number): Promise<string> {
  let connections = 0
  return await listen((socket) => {
    connections++
    if (connections <= refusals) return refuse(socket)
    const behind = connect(Number(right.port), right.hostname).on('error', () => {})
    sockets.add(behind)
    socket.pipe(behind)
    behind.pipe(socket)
  })
}

describe('a PostgreSQL that is still starting is waited for, and that is said once', () => {
  const open = async (port: string, told: string[] = []) => {
    const onWaiting = (sentence: string) => told.push(sentence)
    const database = await openDatabase({ databaseUrl: wrong({ port }), dataDir: '/nowhere' }, { onWaiting })
    await database.close()
    return told
  }
  const waiting = (port: string, reason: string) => [
    `DATABASE_URL: waiting up to 10 s for PostgreSQL on ${right.hostname}:${port} (${reason}).`,
  ]

  test('given it is not ready for connections yet', async () => {
    const words = 'the database system is starting up'
    const port = await startLate((socket) => socket.end(fatal('57P03', words)), 3)
    expect(await open(port)).toEqual(waiting(port, '57P03'))
  })

  test('given whoever forwards its port hangs up', async () => {
    const port = await startLate((socket) => socket.end(), 2)
    expect(await open(port)).toEqual(waiting(port, 'Connection terminated unexpectedly'))
  })

  test('given nothing listens yet', async () => {
    const port = String(await quietPort())
    const told: string[] = []
    const opened = open(port, told)
    await expect.poll(() => told).toHaveLength(1)
    server = createServer((socket) => {
      const behind = connect(Number(right.port), right.hostname)
      socket.pipe(behind).pipe(socket)
    }).listen(Number(port), '127.0.0.1')
    expect(await opened).toEqual(waiting(port, 'ECONNREFUSED'))
  })

  test('given it does not come, then the sentence is said in the end', async () => {
    const port = String(await quietPort())
    const told: string[] = []
    const opening = openDatabase(
      { databaseUrl: wrong({ port }), dataDir: '/nowhere' },
      { patienceMs: 2000, onWaiting: (sentence) => told.push(sentence) },
    )
    await expect(opening).rejects.toThrow(/^DATABASE_URL: nothing listens on .* Start PostgreSQL there/)
    expect(told).toHaveLength(1)
  })

  test('given a wrong password, then nobody waits', async () => {
    const told: string[] = []
    const opening = openDatabase(
      { databaseUrl: wrong({ password: PASSWORD }), dataDir: '/nowhere' },
      { onWaiting: (sentence) => told.push(sentence) },
    )
    await expect(opening).rejects.toThrow('refuses the user')
    expect(told).toEqual([])
  })
})
