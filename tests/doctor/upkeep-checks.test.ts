/** What the checks of backups, of the load test and of updates make of what they are told. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backupsCheck } from '../../src/doctor/checks/backups.ts'
import { loadTestCheck, updatesCheck } from '../../src/doctor/checks/upkeep.ts'
import { outdatedPackages } from '../../src/doctor/outdated-packages.ts'
import { bytes, duration } from '../../src/doctor/words.ts'
import { daysAgo, look, NOW } from './looking.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-checks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

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
