/** What the checks of builds and of consistency make of what they are told. */
import { describe, expect, it } from 'vitest'
import { buildsCheck } from '../../src/doctor/checks/builds.ts'
import { consistencyCheck } from '../../src/doctor/checks/consistency.ts'
import type { Build, ProjectionVersion } from '../../src/projections/builds/projection-operations.ts'
import { FOLD_VERSION } from '../../src/projections/fold.ts'
import { look, NOW, statuses } from './looking.ts'

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
