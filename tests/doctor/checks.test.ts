/** What each check makes of what it is told. */
import { hash } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/doctor/check.ts'
import { archiveDigestsCheck, archivesCheck } from '../../src/doctor/checks/archives.ts'
import { backupsCheck } from '../../src/doctor/checks/backups.ts'
import { buildsCheck } from '../../src/doctor/checks/builds.ts'
import { consistencyCheck } from '../../src/doctor/checks/consistency.ts'
import { diskCheck } from '../../src/doctor/checks/disk.ts'
import { growthCheck } from '../../src/doctor/checks/growth.ts'
import { lagCheck } from '../../src/doctor/checks/lag.ts'
import { partitionsCheck } from '../../src/doctor/checks/partitions.ts'
import { processesCheck } from '../../src/doctor/checks/processes.ts'
import { snapshotsCheck, trafficCheck, trafficSinceStartCheck } from '../../src/doctor/checks/traffic.ts'
import { loadTestCheck, updatesCheck } from '../../src/doctor/checks/upkeep.ts'
import type { Check } from '../../src/doctor/doctor.ts'
import { outdatedPackages } from '../../src/doctor/outdated-packages.ts'
import { bytes, duration } from '../../src/doctor/words.ts'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { roomFor } from '../../src/processes/disk.ts'
import type { ProcessState } from '../../src/processes/process-state.ts'
import type { Build, ProjectionVersion } from '../../src/projections/builds/projection-operations.ts'
import { FOLD_VERSION } from '../../src/projections/fold.ts'
import { readOnlyLog, recorded } from '../support/recorded.ts'
import { expectRightCommands } from '../support/right-commands.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000)

/** What it finds; whatever it advises is tried with the command line's own parser. */
const look = async (check: Check): Promise<readonly CheckResult[]> => {
  const results = [await check.look(new AbortController().signal)].flat()
  for (const { advice } of results) expectRightCommands(advice)
  return results
}

/** Its status, by name. */
const statuses = async (check: Check) =>
  Object.fromEntries((await look(check)).map(({ name, status }) => [name, status]))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-checks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const processOf = (change: Partial<ProcessState> = {}): ProcessState => ({
  id: 'p',
  roles: ['web', 'relay', 'projector'],
  host: 'box',
  url: 'http://127.0.0.1:3000',
  version: '0.1.0',
  startedAt: daysAgo(1),
  seenAt: NOW,
  alive: true,
  readiness: { ready: true, checks: [] },
  memory: 100,
  figures: {
    keepsResults: 1,
    keepsSubmissions: 1,
    relays: 1,
    memoryLimit: 1000,
    diskFree: 50,
    diskSize: 100,
  },
  ...change,
})

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

describe('growth', () => {
  const GB = 1e9
  const given = (first: readonly [days: number, size: number] | undefined, free: number | undefined) =>
    growthCheck({
      size: async () => 10 * GB,
      dailySizes: async () =>
        first
          ? [
              { day: '', takenAt: daysAgo(first[0]), database: first[1] },
              { day: '', takenAt: NOW, database: 10 * GB },
            ]
          : [],
      room: free === undefined ? undefined : async () => ({ free, size: 100 * GB }),
      now: () => NOW,
    })

  it.each([
    [[10, 9 * GB], 50 * GB, 'fine', '100.0 MB more a day over 10 days; full in 500 days'],
    [[10, 9 * GB], 2 * GB, 'warning', 'full in 20 days'],
    [[10, 9 * GB], 0.2 * GB, 'failed', 'full in 2 days'],
    [[10, 11 * GB], 2 * GB, 'fine', 'not growing; 2.0 GB free'],
    [[10, 9 * GB], undefined, 'fine', 'its server’s disk is not visible from here'],
    [[0.5, 1 * GB], 1 * GB, 'fine', 'known in a day'],
    [undefined, 1 * GB, 'fine', 'known in a day'],
  ] as const)('given %j before and %s free, is %s: %s', async (first, free, status, words) => {
    const [result] = await look(given(first, free))
    expect(result).toMatchObject({ status, actual: expect.stringContaining(words) })
  })
})

describe('the disk', () => {
  const given = (free: number) =>
    diskCheck([{ setting: 'DATA_DIR', path: '/d', holds: 'it' }], async () => ({ free, size: 100 }))

  it('is fine, to be looked at, or nearly full', async () => {
    expect(await statuses(given(50))).toEqual({ 'disk: DATA_DIR': 'fine' })
    expect(await statuses(given(10))).toEqual({ 'disk: DATA_DIR': 'warning' })
    expect(await statuses(given(4))).toEqual({ 'disk: DATA_DIR': 'failed' })
  })

  it('is that on which a folder will be that is not there yet', async () => {
    expect((await roomFor(join(folder, 'not', 'yet'))).size).toBe((await roomFor(folder)).size)
  })
})

describe('partitions', () => {
  it('given none ahead, says of which; a log elsewhere has none', async () => {
    const given = (periods: number, log?: number) =>
      partitionsCheck({
        periodMonthsAhead: async () => periods,
        logMonthsAhead: log === undefined ? undefined : async () => log,
      })
    expect(await statuses(given(2, 1))).toEqual({
      'partitions: periods': 'fine',
      'partitions: event log': 'fine',
    })
    expect(await statuses(given(0, 0))).toEqual({
      'partitions: periods': 'warning',
      'partitions: event log': 'warning',
    })
    expect(await statuses(given(1))).toEqual({ 'partitions: periods': 'fine' })
  })
})

describe('archives', () => {
  const whole = Buffer.from('a whole month')
  const archive = { file: '2026-09.parquet', bytes: whole.length, sha256: hash('sha256', whole) }
  const options = (dropped = true) => ({
    folder,
    months: async () => [
      { month: '2026-09', archive, dropped },
      { month: '2026-10', archive: undefined, dropped: false },
    ],
  })
  const both = async (dropped?: boolean) => [
    ...(await look(archivesCheck(options(dropped)))),
    ...(await look(archiveDigestsCheck(options(dropped)))),
  ]

  it('given a file that is not there, fails, and names it; while the database has its events, warns', async () => {
    await rm(join(folder, archive.file), { force: true })
    for (const result of await both()) {
      expect(result.status).toBe('failed')
      expect(result.actual).toBe(`2026-09: ${join(folder, archive.file)} is not there`)
    }
    expect((await both(false)).map(({ status }) => status)).toEqual(['warning', 'warning'])
  })

  it('given one that was cut off, says by how much; one of other bytes is found by its SHA-256', async () => {
    await writeFile(join(folder, archive.file), whole)
    expect((await both()).map(({ status }) => status)).toEqual(['fine', 'fine'])
    await writeFile(join(folder, archive.file), whole.subarray(1))
    expect((await both())[0]?.actual).toContain('has 12 bytes instead of 13')
    await writeFile(join(folder, archive.file), 'another month')
    const [size, digest] = await both()
    expect([size?.status, digest?.status]).toEqual(['fine', 'failed'])
    expect(digest?.actual).toContain('its SHA-256 is another one')
  })

  it('reads them only once a week', () => {
    expect([archivesCheck(options()).routine, archiveDigestsCheck(options()).routine]).toEqual([
      'always',
      'weekly',
    ])
  })
})

describe('backups', () => {
  const given = (made?: number, verified?: number, failure?: { file: string; error: string }) =>
    backupsCheck(
      async () => ({
        made: made === undefined ? undefined : daysAgo(made),
        verified: verified === undefined ? undefined : daysAgo(verified),
        failure,
      }),
      () => NOW,
    )

  it.each([
    [undefined, undefined, 'warning', 'never'],
    [1, undefined, 'warning', 'never; one was made 24 hours ago'],
    [1, 3, 'fine', 'made 3 days ago, and verified'],
    [1, 9, 'warning', 'made 9 days ago'],
    [1, 40, 'failed', 'made 40 days ago'],
  ] as const)(
    'given one made %s and verified %s days ago, is %s: %s',
    async (made, verified, status, words) => {
      expect(await look(given(made, verified))).toMatchObject([
        { status, actual: expect.stringContaining(words) },
      ])
    },
  )

  it('given a verification that failed, says which file', async () => {
    const results = await look(given(1, 3, { file: 'b.tar', error: 'the sums differ' }))
    expect(results[1]).toMatchObject({ status: 'failed', actual: 'b.tar: the sums differ' })
  })
})

describe('builds', () => {
  const live = {
    name: 'category-aggregate',
    version: 1,
    foldVersion: FOLD_VERSION,
    status: 'live',
    position: 100n,
  } as const
  const building = { ...live, version: 2, status: 'building', position: 25n } as const
  const none = { parked: 0, unknown: 0, newestPoll: null }
  const build: Build = {
    state: 'filling',
    startedBy: 'cli',
    startedAt: NOW,
    promoteWhenReady: false,
    head: 100n,
    events: 25,
    rate: 10,
    secondsLeft: 8,
    lastError: undefined,
  }
  const given = (versions: (typeof live | typeof building)[], state?: Build['state'], lastError?: string) =>
    buildsCheck({
      readModels: async () => ({ ...none, versions }),
      head: async () => 100n,
      ...(state && {
        operations: {
          list: async (): Promise<ProjectionVersion[]> => [
            {
              projection: building.name,
              ...building,
              build: { ...build, state, lastError },
              promotedAt: undefined,
            },
          ],
        },
      }),
    })

  it('given none, or one that nobody tells more of, says how far it is', async () => {
    expect(await statuses(given([live]))).toMatchObject({ builds: 'fine' })
    const [result] = await look(given([live, building]))
    expect(result).toMatchObject({
      name: 'builds: category-aggregate version 2',
      status: 'fine',
      actual: 'being built, 25 %',
    })
  })

  it.each([
    ['filling', 'fine'],
    ['following', 'fine'],
    ['verifying', 'fine'],
    ['ready', 'warning'],
    ['waiting', 'warning'],
    ['paused', 'warning'],
    ['failed', 'failed'],
  ] as const)('given one that is %s, is %s', async (state, status) => {
    expect(await look(given([live, building], state, 'the disk is full'))).toMatchObject([
      { status, actual: `${state}, 25 %, the disk is full` },
      {},
    ])
  })

  it('given a live version that other code has folded, says to rebuild it', async () => {
    const old = { ...live, foldVersion: FOLD_VERSION + 1 } as unknown as typeof live
    const results = await look(given([old]))
    expect(results.at(-1)).toMatchObject({ name: 'fold: category-aggregate', status: 'warning' })
    expect(results.at(-1)!.advice).toContain(
      '`taxbudget projections rebuild --projection category-aggregate`',
    )
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

describe('consistency', () => {
  it('given differences, names the poll and some of them', async () => {
    const differences = [{ what: 'health: sum', expected: '10', actual: '11' }]
    const check = consistencyCheck(async () => [
      { poll: 'good', counted: 3, periods: 1, differences: [] },
      { poll: 'bad', counted: 3, periods: 1, differences },
    ])
    expect(check.routine).toBe('weekly')
    expect(await look(check)).toMatchObject([
      { name: 'consistency: good', status: 'fine', actual: 'the same, 3 counted' },
      { name: 'consistency: bad', status: 'failed', actual: '1 difference: health: sum: 11, not 10' },
    ])
  })
})

describe('the load test', () => {
  it.each([
    [undefined, 'warning', 'none known'],
    ['no json', 'warning', 'is no report'],
    [JSON.stringify({ madeAt: daysAgo(3), met: true }), 'fine', 'made 3 days ago, every target met'],
    [JSON.stringify({ madeAt: daysAgo(50), met: true }), 'warning', 'made 50 days ago'],
    [JSON.stringify({ madeAt: daysAgo(3), met: false }), 'failed', 'targets missed'],
  ])('given the report %s, is %s: %s', async (report, status, words) => {
    const file = join(folder, 'loadtest.json')
    await rm(file, { force: true })
    if (report !== undefined) await writeFile(file, report)
    const check = loadTestCheck(file, () => NOW)
    expect(check.routine).toBe('monthly')
    expect(await look(check)).toMatchObject([{ status, actual: expect.stringContaining(words) }])
  })
})

describe('updates', () => {
  /** An npm that says so, and ends with this code. */
  async function npmSaying(output: string, code = 0): Promise<string> {
    const file = join(folder, 'npm')
    await writeFile(file, `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit ${code}\n`)
    await chmod(file, 0o755)
    return file
  }
  const given = (npm: string) => updatesCheck((signal) => outdatedPackages(signal, npm))

  it.each([
    ['{}', 0, 'fine', 'they are'],
    [
      '{"zod":{"current":"4.1.0","wanted":"4.2.0","latest":"4.2.0"}}',
      1,
      'warning',
      '1 package newer: zod 4.1.0 → 4.2.0',
    ],
    [
      '{"zod":{"current":"4.1.0","wanted":"4.1.0","latest":"5.0.0"}}',
      1,
      'fine',
      'they are, as far as package.json allows; a decision of its own: zod 4.1.0 → 5.0.0',
    ],
    [
      '{"zod":{"current":"4.1.0","wanted":"4.2.0","latest":"5.0.0"}}',
      1,
      'warning',
      '1 package newer: zod 4.1.0 → 4.2.0; a decision of its own: zod 4.1.0 → 5.0.0',
    ],
    ['{"@types/node":{"current":"24.19.2","wanted":"24.19.2","latest":"26.1.0"}}', 1, 'fine', 'they are'],
    [
      '{"error":{"code":"ENOTFOUND","summary":"no network"}}',
      1,
      'warning',
      'not known: npm cannot ask: ENOTFOUND',
    ],
    ['', 1, 'warning', 'not known: npm cannot reach its registry'],
  ])('given an npm that says %s, is told', async (output, code, status, words) => {
    const check = given(await npmSaying(output, code))
    expect(check.routine).toBe('monthly')
    expect(await look(check)).toMatchObject([{ status, actual: expect.stringContaining(words) }])
  })

  it('given no npm at all, as in a container, it is no fault', async () => {
    expect(await look(given(join(folder, 'nothing')))).toMatchObject([
      { status: 'warning', actual: 'not known: there is no npm here' },
    ])
  })
})

describe('words', () => {
  it('tell any size in at most four digits before the point, and any time in whole units', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), (value) => {
        expect(bytes(value * 1000)).toMatch(/^\d{1,3}(\.\d)? (bytes|kB|MB|GB|TB)$|^1000\.0 \w+$/)
        expect(duration(value)).toMatch(/^[\d,]+ (second|minute|hour|day)s?$/)
      }),
    )
    expect([bytes(0), bytes(999), bytes(1500), bytes(2.5e12)]).toEqual([
      '0 bytes',
      '999 bytes',
      '1.5 kB',
      '2.5 TB',
    ])
    expect([1, 119, 120, 7200, 172_800].map(duration)).toEqual([
      '1 second',
      '119 seconds',
      '2 minutes',
      '2 hours',
      '2 days',
    ])
  })
})
