/** What the checks of processes, of how people were answered, and of lag make of what they are told. */
import { describe, expect, it } from 'vitest'
import { lagCheck } from '../../src/doctor/checks/lag.ts'
import { processesCheck } from '../../src/doctor/checks/processes.ts'
import { snapshotsCheck, trafficCheck, trafficSinceStartCheck } from '../../src/doctor/checks/traffic.ts'
import { NO_STREAM } from '../../src/events/event-log.ts'
import type { ProcessState } from '../../src/processes/process-state.ts'
import { readOnlyLog, recorded } from '../support/recorded.ts'
import { look, processOf, statuses } from './looking.ts'

describe('processes', () => {
  const given = (...processes: ProcessState[]) =>
    processesCheck(async () => processes, ['web', 'projector', 'relay'])

  it('given one with every role, all is fine', async () => {
    expect(new Set(Object.values(await statuses(given(processOf()))))).toEqual(new Set(['fine']))
  })

  it('given none, or none that is alive, each role is missing', async () => {
    const missing = {
      'processes: web': 'failed',
      'processes: projector': 'failed',
      'processes: relay': 'failed',
    }
    expect(await statuses(given())).toMatchObject(missing)
    expect(await statuses(given(processOf({ alive: false })))).toMatchObject({
      ...missing,
      'processes: lost': 'warning',
    })
  })

  it('given projectors that all stand by, nobody keeps the results', async () => {
    const standby = processOf({ figures: { keepsResults: 0, keepsSubmissions: 1, relays: 1 } })
    expect(await statuses(given(standby, standby))).toMatchObject({
      'processes: projector': 'fine',
      'processes: active, results': 'failed',
      'processes: active, submissions': 'fine',
    })
  })

  it('given one that is not ready, names what fails; a web process that can serve something is a warning', async () => {
    const checks = [
      { role: 'web', name: 'event log', ready: false, detail: 'no connection' },
      { role: 'web', name: 'results', ready: true },
    ]
    for (const [ready, status] of [
      [true, 'warning'],
      [false, 'failed'],
    ] as const) {
      const results = await look(given(processOf({ readiness: { ready, checks } })))
      expect(results.find(({ name }) => name === 'processes: ready, box 3000')).toMatchObject({
        status,
        actual: 'web: event log: no connection',
      })
    }
  })

  it('given two versions, little memory, or little room, says so', async () => {
    const tight = {
      keepsResults: 1,
      keepsSubmissions: 1,
      relays: 1,
      memoryLimit: 110,
      diskFree: 1,
      diskSize: 100,
    }
    expect(
      await statuses(given(processOf(), processOf({ version: '0.2.0', host: 'other', figures: tight }))),
    ).toMatchObject({
      'processes: version': 'warning',
      'memory: box 3000': 'fine',
      'memory: other 3000': 'warning',
      'disk: of box': 'fine',
      'disk: of other': 'failed',
    })
  })
})

describe('response times, errors and snapshots', () => {
  const given = (figures: Record<string, number>) => async () => [processOf({ figures })]

  it.each([
    [{ p95Ms: 20, requestsPerSecond: 100, errorsPerSecond: 0 }, 'fine', 'fine'],
    [{ p95Ms: 250, requestsPerSecond: 100, errorsPerSecond: 1 }, 'warning', 'warning'],
    [{ p95Ms: 5000, requestsPerSecond: 100, errorsPerSecond: 50 }, 'failed', 'failed'],
    [{ requestsPerSecond: 0, errorsPerSecond: 0 }, 'fine', 'fine'],
  ] as const)('given %j, they are %s and %s', async (figures, times, errors) => {
    expect(await statuses(trafficCheck(given(figures)))).toEqual({
      'response times: box 3000': times,
      'errors: box 3000': errors,
    })
  })

  it('given a process that has been slow since its start, daily tells so', async () => {
    const check = trafficSinceStartCheck(given({ p95MsSinceStart: 300, requests: 1000, errors: 2 }))
    expect(check.routine).toBe('daily')
    expect(await statuses(check)).toEqual({
      'response times since the start: box 3000': 'warning',
      'errors since the start: box 3000': 'warning',
    })
  })

  it.each([
    [{ snapshotAgeSeconds: 0, snapshotHits: 990, snapshotLookUps: 1000 }, 'fine', 'fine'],
    [{ snapshotAgeSeconds: 60, snapshotHits: 800, snapshotLookUps: 1000 }, 'warning', 'warning'],
    [{ snapshotAgeSeconds: 3600, snapshotHits: 0, snapshotLookUps: 1000 }, 'failed', 'failed'],
    [{ snapshotHits: 0, snapshotLookUps: 99 }, 'warning', 'fine'],
  ] as const)('given %j, snapshots are %s and their hit rate is %s', async (figures, age, hits) => {
    expect(await statuses(snapshotsCheck(given(figures)))).toEqual({
      'snapshots: age, box 3000': age,
      'snapshots: hit rate': hits,
    })
  })

  it('given no web process, nobody can tell', async () => {
    expect(await statuses(snapshotsCheck(async () => []))).toEqual({ snapshots: 'warning' })
  })
})

describe('lag', () => {
  const given = (
    waitedMs: number,
    projection: bigint,
    change: { parked?: number; unknown?: number } = {},
  ) => {
    const event = { id: 'a', type: 'Odd', schemaVersion: 1, data: {} }
    const events = recorded([{ stream: 'poll-x', events: [event], expectedRevision: NO_STREAM }])
    const log = { ...readOnlyLog(events), head: async () => 1n }
    const version = {
      name: 'category-aggregate',
      version: 1,
      foldVersion: 1,
      status: 'live',
      position: projection,
    } as const
    return lagCheck({
      log,
      positionsPerEvent: 1n,
      readModels: async () => ({ versions: [version], parked: 0, unknown: 0, newestPoll: null, ...change }),
      processes: async () => [],
      now: () => Date.parse(events[0]!.recordedAt) + waitedMs,
    })
  }

  it.each([
    [5000, 1n, 'fine', 'level with the log'],
    [5000, 0n, 'fine', '1 event behind, for 5 seconds'],
    [31_000, 0n, 'warning', '1 event behind, for 31 seconds'],
    [400_000, 0n, 'failed', '1 event behind, for 6 minutes'],
    [5000, 7n, 'failed', 'at position 7, while the log ends at 1'],
  ])(
    'given an event of %i ms ago, and a projection at %i, is %s: %s',
    async (waited, position, status, actual) => {
      expect((await look(given(waited, position)))[0]).toMatchObject({
        name: 'lag: results',
        status,
        actual,
      })
    },
  )

  it('given events that nobody could apply, or nobody knows, warns', async () => {
    expect(await statuses(given(0, 1n, { parked: 2, unknown: 3 }))).toMatchObject({
      'parked events': 'warning',
      'unknown events': 'warning',
      backlog: 'fine',
    })
  })
})
