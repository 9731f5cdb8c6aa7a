/** What the checks of growth, disk, partitions and archives make of what they are told. */
import { hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveDigestsCheck, archivesCheck } from '../../src/doctor/checks/archives.ts'
import { diskCheck } from '../../src/doctor/checks/disk.ts'
import { growthCheck } from '../../src/doctor/checks/growth.ts'
import { partitionsCheck } from '../../src/doctor/checks/partitions.ts'
import { roomFor } from '../../src/processes/disk.ts'
import { daysAgo, look, NOW, statuses } from './looking.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-checks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

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
