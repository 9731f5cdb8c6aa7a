/** What operators do with versions: each act is somebody's, and who comes too late is told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/errors.ts'
import { verifyVersion } from '../../../src/projections/builds/verify-version.ts'
import { PeriodStore } from '../../../src/projections/periods/period-store.ts'
import { ProjectionStore } from '../../../src/projections/projection-store.ts'
import { SubmissionRowsStore } from '../../../src/projections/submission-rows/submission-rows-store.ts'
import { execute } from '../../support/stored-periods.ts'
import { history } from './some-history.ts'
import { openWorkshop, rowsOf, type Workshop } from './workshop.ts'

let shop: Workshop
const NAME = 'category-aggregate'
const by = 'anna'

beforeEach(async () => {
  shop = await openWorkshop()
  await shop.write(history(60))
  await shop.project()
})
afterEach(() => shop.close())

const refusal = (acting: Promise<unknown>) =>
  acting.then(
    () => 'nothing was refused',
    ({ code, detail }: Problem) => `${code}: ${detail}`,
  )

const begin = (name: string = NAME, promote = false) => shop.operations.rebuild(name, { by, promote })

describe('a rebuild', () => {
  it('given none, then acts on it are refused in the caller’s terms', async () => {
    const { operations } = shop
    expect(await refusal(begin('periods'))).toBe(
      'PROJECTION_NOT_FOUND: There is no projection called periods, but these: category-aggregate, submissions.',
    )
    for (const act of ['pause', 'resume', 'cancel'] as const)
      expect(await refusal(operations[act](NAME, by))).toBe(
        'NO_BUILD: Nothing of category-aggregate is being built. Version 1 is the live one.',
      )
    expect(await refusal(operations.promote(NAME, 2, by))).toMatch(/^NO_BUILD/)
    expect(await refusal(operations.rollback(NAME, by))).toBe(
      'NO_ROLLBACK: There is no earlier version of category-aggregate to go back to.',
    )
    expect(await operations.prune(NAME, by)).toEqual([])
  })

  it('given one, then a second is refused, and it cannot be promoted before it is ready', async () => {
    await begin()
    expect((await shop.version(NAME, 2))?.build).toMatchObject({
      state: 'waiting',
      startedBy: by,
      promoteWhenReady: false,
    })
    expect(await refusal(begin())).toMatch(
      /^BUILD_EXISTS: Version 2 of category-aggregate is being built, since 2\S+, begun by anna: it is waiting\.$/,
    )
    expect(await refusal(shop.operations.promote(NAME, 2, by))).toBe(
      'BUILD_NOT_READY: Version 2 of category-aggregate is waiting, not ready.',
    )
    expect(await refusal(shop.operations.promote(NAME, 3, by))).toMatch(
      /^BUILD_NOT_READY: Version 2 .* not 3\.$/,
    )
    expect((await begin('submissions')).version).toBe(2)
  })

  it('given it is paused, then nothing is built until it goes on', async () => {
    await begin()
    await shop.operations.pause(NAME, by)
    shop.build(NAME)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await shop.version(NAME, 2)).toMatchObject({ position: 0n, build: { state: 'paused' } })
    await shop.operations.resume(NAME, by)
    await shop.comes(NAME, 'ready')
    const ready = await shop.version(NAME, 2)
    expect(ready).toMatchObject({
      position: await shop.log.head(),
      build: { secondsLeft: 0, lastError: undefined },
    })
    await shop.operations.pause(NAME, by)
    expect(await refusal(shop.operations.promote(NAME, 2, by))).toMatch(/is paused, not ready/)
  })

  it.each([NAME, 'submissions'] as const)(
    'of %s given it is given up, then nothing of it is left',
    async (name) => {
      await begin(name)
      shop.build(name)
      await shop.comes(name, 'ready')
      await shop.operations.cancel(name, by)
      await expect
        .poll(() => rowsOf(shop.url, name, 2), { timeout: 20_000 })
        .toEqual(Object.fromEntries(Object.keys(await rowsOf(shop.url, name, 2)).map((table) => [table, []])))
      expect(await execute(shop.url, `select from pg_class where relname = 'submission_rows_2'`)).toEqual([])
      expect((await begin(name)).version).toBe(3)
      await shop.comes(name, 'ready')
    },
  )

  it('given its numbers were changed, then it fails, says how, and is not promoted', async () => {
    await begin(NAME, true)
    await shop.operations.pause(NAME, by)
    await execute(
      shop.url,
      `insert into poll_aggregates select 2, 'ghost', jsonb_set(definition::jsonb, '{poll}', '"ghost"')::json, status, 0, 0, as_of, 0, counted, 0, 0 from poll_aggregates where poll = 'one'`,
      `insert into category_aggregates select 2, 'ghost', category, ordinal, count, sum, sum_squares, histogram from category_aggregates where poll = 'one'`,
    )
    await shop.operations.resume(NAME, by)
    shop.build(NAME)
    await expect
      .poll(async () => (await shop.version(NAME, 2))?.build?.state, { timeout: 20_000 })
      .toBe('failed')
    expect((await shop.version(NAME, 2))?.build?.lastError).toMatch(
      /^1 differences from a replay at position \d+: ghost: the poll is there, not missing$/,
    )
    expect((await shop.version(NAME, 1))?.status).toBe('live')
  })
})

describe('a promotion', () => {
  it.each([NAME, 'submissions'] as const)(
    'of %s by two operators at once has one winner, and the other is told',
    async (name) => {
      await begin(name)
      shop.build(name)
      await shop.comes(name, 'ready')
      const [anna, ben] = await Promise.all(
        ['anna', 'ben'].map((who) => refusal(shop.operations.promote(name, 2, who))),
      )
      const winner = anna === 'nothing was refused' ? 'anna' : 'ben'
      const told = winner === 'anna' ? ben : anna
      expect([anna, ben]).toContain('nothing was refused')
      expect(told).toMatch(
        new RegExp(
          `^NO_BUILD: Nothing of ${name} is being built\\. Version 2 is the live one, since ${winner} promoted it at 2`,
        ),
      )
      expect((await shop.version(name, 1))?.status).toBe('retired')
    },
  )

  it('given events that only the live version has, then the next one has them before it is live', async () => {
    await begin()
    const stop = shop.build(NAME)
    await shop.comes(NAME, 'ready')
    await stop()
    await shop.write(history(20, ['three', 'four']))
    await shop.project()
    const before = await shop.version(NAME, 1)
    await shop.operations.promote(NAME, 2, by)
    expect((await shop.version(NAME, 2))!.position).toBeGreaterThanOrEqual(before!.position)
    expect(await rowsOf(shop.url, NAME, 2)).toEqual(await rowsOf(shop.url, NAME, 1))
  })

  it('given a program from before it, then what that writes to the version that was live is not taken', async () => {
    await begin(NAME, true)
    shop.build(NAME)
    await shop.isLive(NAME, 2)
    const old = `with moved as (update projections set position = position + 1, unknown = 0
      where name = 'category-aggregate' and version = 1 returning 1) select count(*)::int as moved from moved`
    expect(await execute(shop.url, old)).toEqual([{ moved: 0 }])
  })
})

describe('a rollback', () => {
  it.each([NAME, 'submissions'] as const)(
    'of %s brings the version before up to date first',
    async (name) => {
      await begin(name, true)
      shop.build(name)
      await shop.isLive(name, 2)
      await shop.write(history(40, ['three', 'four']))
      await shop.project()
      await shop.operations.rollback(name, 'ben')
      await shop.isLive(name, 1)
      expect(await rowsOf(shop.url, name, 1)).toEqual(await rowsOf(shop.url, name, 2))
      await shop.operations.rollback(name, 'ben')
      await shop.isLive(name, 2)
      expect(await shop.operations.prune(name, by)).toEqual([1])
      expect(await refusal(shop.operations.rollback(name, by))).toMatch(/^NO_ROLLBACK/)
      await expect
        .poll(() => execute(shop.url, `select from projections where name = '${name}' and version = 1`), {
          timeout: 20_000,
        })
        .toEqual([])
      expect((await begin(name)).version).toBe(3)
    },
  )

  it.each([NAME, 'submissions'] as const)(
    'of %s: a version that nobody wants any more is taken away while the next version waits to be promoted',
    async (name) => {
      await begin(name, true)
      shop.build(name)
      await shop.isLive(name, 2)
      await begin(name)
      await shop.comes(name, 'ready')
      expect(await shop.operations.prune(name, by)).toEqual([1])
      await expect
        .poll(() => execute(shop.url, `select from projections where name = '${name}' and version = 1`), {
          timeout: 20_000,
        })
        .toEqual([])
      expect((await shop.version(name, 3))?.build?.state).toBe('ready')
    },
  )

  it('given the version before is of another fold, or is wrong, then nobody is shown it', async () => {
    await begin(NAME, true)
    shop.build(NAME)
    await shop.isLive(NAME, 2)
    await execute(shop.url, 'update projections set fold_version = 0 where version = 1')
    expect(await refusal(shop.operations.rollback(NAME, by))).toMatch(
      /^NO_ROLLBACK: Version 1 .* was made by version 0 of the fold/,
    )
    await execute(
      shop.url,
      'update projections set fold_version = 1 where version = 1',
      'update poll_aggregates set withdrawn = withdrawn + 1 where version = 1',
    )
    await shop.operations.rollback(NAME, by)
    await expect
      .poll(async () => (await shop.version(NAME, 1))?.build?.state, { timeout: 20_000 })
      .toBe('failed')
    expect((await shop.version(NAME, 1))?.build?.lastError).toMatch(/withdrawn is \d+, not \d+/)
    expect((await shop.version(NAME, 2))?.status).toBe('live')
    await shop.operations.cancel(NAME, by)
    expect((await shop.version(NAME, 1))?.status).toBe('retired')
  })
})

it('given a row that is wrong although the sums are right, then its version does not pass', async () => {
  await begin('submissions')
  const stop = shop.build('submissions')
  await shop.comes('submissions', 'ready')
  await stop()
  const position = await shop.log.head()
  const sources = {
    log: shop.log,
    store: new ProjectionStore(shop.pool),
    periods: new PeriodStore({ databaseUrl: shop.url }),
    rows: new SubmissionRowsStore(shop.rowsPool),
  }
  const verified = () =>
    verifyVersion(
      sources,
      { projection: 'submissions', version: 2, position },
      { signal: new AbortController().signal, onProgress: () => {} },
    )
  expect(await verified()).toMatchObject({ differences: 0 })
  await execute(
    shop.url,
    `update submission_rows set pseudonym = gen_random_uuid()
      where version = 2 and from_position = (select min(from_position) from submission_rows where version = 2)`,
  )
  const { differences, some } = await verified()
  expect({ differences, what: some[0]?.what }).toEqual({
    differences: 1,
    what: expect.stringMatching(/^row of submission \S+ from position \d+$/),
  })
  // A live version that is wrong itself excuses nothing, and accuses nobody.
  await execute(shop.url, 'update submission_rows set pseudonym = gen_random_uuid() where version = 1')
  expect(await verified()).toMatchObject({ differences: 1 })
  await sources.periods.close()
})

it('given acts, then who has done what to which version stays on record, whatever becomes of the versions', async () => {
  const { operations } = shop
  await begin()
  await operations.pause(NAME, 'berta')
  await operations.resume(NAME, by)
  shop.build(NAME)
  await shop.comes(NAME, 'ready')
  await operations.promote(NAME, 2, 'berta')
  await operations.prune(NAME, by)
  await begin('submissions')
  await operations.cancel('submissions', by)
  await refusal(operations.cancel('submissions', by))
  const recorded = await operations.recorded(100)
  expect(
    recorded.map(({ by, act, projection, versions }) => [by, act, projection, versions]).reverse(),
  ).toEqual([
    [by, 'rebuild', NAME, [2]],
    ['berta', 'pause', NAME, [2]],
    [by, 'resume', NAME, [2]],
    ['berta', 'promote', NAME, [2]],
    [by, 'prune', NAME, [1]],
    [by, 'rebuild', 'submissions', [2]],
    [by, 'cancel', 'submissions', [2]],
  ])
  expect(await operations.recorded(1)).toMatchObject([{ act: 'cancel', at: expect.any(Date) }])
})
