/**
 * The table under “Faults” in the design, with real servers and processes of one role each: what people see while a
 * part is killed, paused or restarted, and that afterwards each acknowledged submission is counted once in every tier.
 *
 * Of the last row, “a worker killed at any instruction”, the whole service and its PostgreSQL have a test of their own,
 * kill.test.ts. What nobody planned is chaos.test.ts.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { emptyLedger } from '../support/ledger-clients.ts'
import type { EndedByItself } from '../support/world/supervised-process.ts'
import { type Servers, World } from '../support/world/world.ts'
import { ask } from '../web/api-client.ts'
import { bringBack, type Part, takeAway, type Way, ways } from './away.ts'
import { expectEachCountedOnce, People } from './people.ts'

const CELL_MS = 180_000
const RECOVERY_MS = 60_000

/** Two web processes, a relay, a projector, and their servers, for all tests of a `describe`. */
function givenWorld(log: 'postgres' | 'eventstore') {
  const ledger = emptyLedger()
  const endings = new AsyncDisposableStack()
  const ended: EndedByItself[] = []
  let [world, keepLogs]: [World, boolean] = [undefined!, false]

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), `taxbudget-matrix-${log}-`))
    endings.defer(async () => {
      if (keepLogs) console.error(`the logs are in ${folder}`)
      await rm(keepLogs ? join(folder, 'data') : folder, { recursive: true, force: true })
    })
    await mkdir(join(folder, 'logs'))
    const roles = { web: 2, relay: 1, projector: 1 }
    const onEnded = (each: EndedByItself) => ended.push(each)
    world = await World.start({ folder, log, roles, onEnded }, endings)
  }, CELL_MS)
  afterAll(() => endings.disposeAsync(), CELL_MS)

  /** Every part says that it is well, and the projector that it is fed by the bus, which it learns from what comes. */
  const everythingIsWell = () =>
    eventually(async () => {
      for (const { url } of Object.values(world.members).flat()) {
        const { status, text } = await ask(`${url}/readyz`)
        expect(status, text).toBe(200)
      }
      expect(await followsLog()).toBe(false)
    }, RECOVERY_MS)

  const followsLog = async (): Promise<boolean> => {
    const { text } = await ask(`${world.members.projector[0]!.url}/metrics`)
    return /^taxbudget_projector_follows_log (\d)/m.exec(text)![1] === '1'
  }

  /** Takes the parts away, looks what people see, and brings them back. */
  const without = async (
    parts: readonly Part[],
    way: Way,
    peopleSee: (people: People, since: Date) => Promise<void>,
  ) => {
    onTestFailed(() => {
      keepLogs = true
    })
    await among(async (people) => {
      await Promise.all(parts.map((part) => takeAway(part, way)))
      try {
        await peopleSee(people, new Date())
      } finally {
        await Promise.all(parts.map((part) => bringBack(part, way)))
      }
    })
    expect(ended).toEqual([])
  }

  /** Does something to people, and expects that everything goes on and each submission is counted once. */
  const among = async (act: (people: People) => Promise<void>) => {
    const people = await People.gather(world, ledger)
    try {
      await act(people)
      await people.resultsGoOn()
      await everythingIsWell()
      await people.goHome()
    } finally {
      await people.scatter()
    }
    await expectEachCountedOnce(world, ledger)
  }
  return {
    without,
    among,
    followsLog,
    get servers(): Servers {
      return world.servers
    },
    get workers() {
      return [...world.members.relay, ...world.members.projector].map(({ process }) => process)
    },
  }
}

describe('given the log in PostgreSQL', { timeout: CELL_MS }, () => {
  const given = givenWorld('postgres')

  it.each(ways)('Redis %s: people see nothing of it, answers come from the projection', (way) =>
    given.without([given.servers.redis], way, async (people) => {
      await people.resultsGoOn(['projection'])
    }),
  )

  it.each([...ways, 'killed and emptied'] as const)(
    'NATS %s: submissions are accepted; results catch up by themselves, for the projector follows the log',
    (way) =>
      given.without([given.servers.nats], way, async (people) => {
        await people.resultsGoOn()
        await eventually(async () => expect(await given.followsLog()).toBe(true), RECOVERY_MS)
        await people.resultsGoOn()
      }),
  )

  it.each(ways)(
    'projector and relay %s: submissions are accepted; results stand still, then catch up',
    (way) => given.without(given.workers, way, (people, since) => people.resultsStandStill(since)),
  )

  it.each(ways)('the log %s: a clear 503 that keeps what was entered; the last results are served', (way) =>
    given.without([given.servers.postgres], way, async (people, since) => {
      await people.submissionsAreRefusedClearly()
      await people.lastResultsAreServed(since)
    }),
  )

  it('a worker killed at any instruction: the aggregate equals a replay of the log', () =>
    given.among(async (people) => {
      const [relay, projector] = given.workers
      for (const worker of [projector!, relay!, projector!, projector!, projector!]) {
        await people.resultsGoOn()
        // Commits are under way all the time.
        await sleep(100 * Math.random())
        await worker.kill()
        worker.start()
      }
    }))
})

describe('given the log in EventStoreDB', { timeout: CELL_MS }, () => {
  const given = givenWorld('eventstore')

  it.each(ways)(
    'PostgreSQL %s: submissions are accepted; results are the last snapshot, marked with its time',
    (way) =>
      given.without([given.servers.postgres], way, (people, since) =>
        people.resultsStandStill(since, ['snapshot']),
      ),
  )

  it.each(ways)('the log %s: a clear 503 that keeps what was entered; the last results are served', (way) =>
    given.without([given.servers.eventStore!], way, async (people, since) => {
      await people.submissionsAreRefusedClearly()
      await people.lastResultsAreServed(since)
    }),
  )
})
