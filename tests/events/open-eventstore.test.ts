/** What start-up says when EVENT_STORE_URL leads nowhere: one sentence each, and no password in any. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { EventLogUnavailable } from '../../src/events/event-log.ts'
import { openEventStore, tryEventStoreAgain } from '../../src/events/eventstore/open.ts'
import { TestServer } from '../esdb/test-server.ts'
import { eventually } from '../support/eventually.ts'
import { quietPort } from '../support/world/ports.ts'

const sentence = async (url: string): Promise<string> =>
  await openEventStore({ url, deadlineMs: 500 }, { patienceMs: 300 }).then(
    async (log) => {
      await log.close()
      return 'it opens'
    },
    (error: Error) => {
      expect(error.cause).toBeInstanceOf(Error)
      return error.message
    },
  )

describe('opening EventStoreDB', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await TestServer.start({ credentials: { username: 'me', password: 'hidden' } })
  })
  afterEach(() => server.close())

  it('given a host that does not resolve, then it says what to write outside the containers', async () => {
    expect(await sentence('esdb://me:hidden@eventstore.invalid:2113?tls=false')).toBe(
      'EVENT_STORE_URL: the host "eventstore.invalid" does not resolve. If it is a container\'s name, write 127.0.0.1 ' +
        'outside the containers: esdb://127.0.0.1:2113?tls=false',
    )
  })

  it('given nobody listens, then it says where', async () => {
    const port = await quietPort()
    expect(await sentence(`esdb://me:hidden@127.0.0.1:${port}?tls=false`)).toBe(
      `EVENT_STORE_URL: nothing listens on 127.0.0.1:${port}. Start EventStoreDB there, or unset the variable to keep ` +
        'the log in PostgreSQL.',
    )
  })

  it('given wrong credentials, then it says so', async () => {
    expect(await sentence(server.url)).toBe(
      `EVENT_STORE_URL: 127.0.0.1:${server.port} refuses this user and password, or wants some: ` +
        `esdb://user:password@127.0.0.1:${server.port}. With tls=false none are sent.`,
    )
  })

  it('given TLS where there is none, then it says what to add', async () => {
    const said = await sentence(`esdb://me:hidden@127.0.0.1:${server.port}`)
    expect(said).toBe(
      `EVENT_STORE_URL: 127.0.0.1:${server.port} does not answer as EventStoreDB does: no TLS is spoken there. ` +
        'If it does without TLS, add ?tls=false.',
    )
  })

  it('given a server too old to say its version, then it says what to use', async () => {
    const old = await TestServer.start()
    onTestFinished(() => old.close())
    old.old = true
    expect(await sentence(old.url)).toBe(
      `EVENT_STORE_URL: 127.0.0.1:${old.port} is EventStoreDB older than 21.10, which is too old. Use EventStoreDB 21.10 ` +
        'or newer, or unset the variable to keep the log in PostgreSQL.',
    )
  })

  it('given it does not become ready, then it says that, and nothing of TLS', async () => {
    const starting = await TestServer.start()
    onTestFinished(() => starting.close())
    starting.unavailable = true
    expect(await sentence(starting.url)).toBe(
      `EVENT_STORE_URL: 127.0.0.1:${starting.port} is EventStoreDB that is not ready yet: it is starting, or too few ` +
        'nodes of its cluster are there. Its own log says which.',
    )
  })

  it('given one of several hosts is there, then it opens', async () => {
    const open = await TestServer.start()
    onTestFinished(() => open.close())
    expect(await sentence(`esdb://nowhere.invalid,127.0.0.1:${open.port}?tls=false`)).toBe('it opens')
  })

  it('given it is not ready yet, then it waits for it and says so once', async () => {
    const starting = await TestServer.start()
    onTestFinished(() => starting.close())
    starting.unavailable = true
    const told: string[] = []
    const opened = openEventStore(
      { url: starting.url, deadlineMs: 300 },
      { onWaiting: (sentence) => told.push(sentence) },
    )
    await eventually(() => expect(told).toHaveLength(1))
    starting.unavailable = false
    await (await opened).close()
    expect(told).toEqual([expect.stringMatching(/^EVENT_STORE_URL: waiting up to 10 s for EventStoreDB on /)])
  })

  it('given it comes a moment later, then it opens, and has said once that it waits', async () => {
    const open = await TestServer.start()
    const told: string[] = []
    await open.stop()
    const opened = openEventStore(
      { url: open.url, deadlineMs: 500 },
      { onWaiting: (sentence) => told.push(sentence) },
    )
    await eventually(() => expect(told).toHaveLength(1))
    await open.listen()
    await (await opened).close()
    expect(told).toEqual([
      `EVENT_STORE_URL: waiting up to 10 s for EventStoreDB on 127.0.0.1:${open.port} (ECONNREFUSED).`,
    ])
    await open.close()
  })
})

describe('what needs the log while the program is starting', () => {
  const url = 'esdb://me:hidden@127.0.0.1:2113?tls=false'
  const isLost = (error: Error) => error instanceof EventLogUnavailable
  const tryAgain = (attempt: () => Promise<unknown>) =>
    tryEventStoreAgain(url, attempt, isLost, { patienceMs: 300 })

  it('is tried again while the log is lost, which one sentence tells in the end', async () => {
    let tried = 0
    const lost = async () => {
      tried++
      throw new EventLogUnavailable('14 UNAVAILABLE: No connection established.')
    }
    await expect(tryAgain(lost)).rejects.toThrow(
      /^EVENT_STORE_URL: 127\.0\.0\.1:2113 has answered at first, and then no more: 14 UNAVAILABLE: No connection established\.$/,
    )
    expect(tried).toBeGreaterThan(1)
  })

  it('fails at once with what is not about the log', async () => {
    const mistake = new SyntaxError('not JSON')
    await expect(tryAgain(() => Promise.reject(mistake))).rejects.toBe(mistake)
  })
})
