/** Which tier answers, and what a tier that fails, is silent or has nothing costs the reader. */
import { describe, expect, it } from 'vitest'
import { EventLogUnavailable, type RecordedEvent } from '../../src/events/event-log.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { openedPoll, type PollAggregate } from '../../src/projections/poll-aggregate.ts'
import type { PollSummary, Tier } from '../../src/queries/results.ts'
import { TieredResults, type TieredResultsOptions } from '../../src/queries/tiered-results.ts'
import { testPoll } from '../support/history.ts'

const aggregate = (position: bigint) => openedPoll(testPoll('one'), position, '2026-01-01T00:00:00.000Z')
const silent = () => new Promise<never>(() => {})
const dead = async () => {
  throw new Error('dead')
}

/** Three tiers of which none has anything, unless told; everything that is asked is counted. */
function given(tiers: {
  snapshot?: () => Promise<PollAggregate | undefined>
  projection?: () => Promise<PollAggregate | undefined>
  replay?: () => Promise<PollAggregate>
  inLog?: boolean | 'unavailable' | 'silent'
  definitions?: () => Promise<PollSummary[]>
}) {
  const asked: string[] = []
  const failed: Tier[] = []
  /** What the projection was to have at least. */
  const demanded: bigint[] = []
  const count = <T>(name: string, answer: () => Promise<T>) => {
    asked.push(name)
    return answer()
  }
  const nothing = async () => undefined
  const store = new InProcessSnapshotStore()
  const snapshots = Object.assign(Object.create(store) as InProcessSnapshotStore, {
    get: () => count('snapshot', tiers.snapshot ?? nothing),
    put: (...args: Parameters<typeof store.put>) => store.put(...args),
    last: (poll: string) => store.last(poll),
  })
  const options: TieredResultsOptions = {
    snapshots,
    projection: {
      poll: (_, atLeast = 0n) => {
        demanded.push(atLeast)
        return count('projection', tiers.projection ?? nothing)
      },
      definitions: () => (tiers.definitions ?? (async () => []))(),
    },
    replayer: {
      replay: async () => {
        const answer = await count('replay', tiers.replay ?? (async () => aggregate(3n)))
        return new Map([['one', answer]])
      },
    },
    past: {
      remembered: () => undefined,
      at: () => count('past', tiers.replay ?? (async () => aggregate(3n))),
    },
    log: {
      readStream: async () => {
        if (tiers.inLog === 'silent') return await silent()
        if (tiers.inLog === 'unavailable') throw new EventLogUnavailable('away')
        return tiers.inLog === false ? [] : [{} as RecordedEvent]
      },
    },
    onTierFailed: (tier) => failed.push(tier),
  }
  return { results: new TieredResults(options), asked, failed, store, demanded }
}

describe('results', () => {
  it('come from the snapshot, and nothing else is asked', async () => {
    const { results, asked } = given({ snapshot: async () => aggregate(5n) })
    expect(await results.results('one')).toMatchObject({ tier: 'snapshot', aggregate: { position: 5n } })
    expect(asked).toEqual(['snapshot'])
  })

  it('are of the projection where the asker has seen more than the snapshot, and no older than that', async () => {
    const { results, asked, demanded } = given({
      snapshot: async () => aggregate(5n),
      projection: async () => aggregate(9n),
    })
    expect((await results.results('one', { atLeast: 5n })).aggregate.position).toBe(5n)
    expect(await results.results('one', { atLeast: 7n })).toMatchObject({
      ...{ tier: 'projection', aggregate: { position: 9n } },
    })
    // What was shown is not gone back behind, whoever asks next, and claims what they may.
    expect((await results.results('one', { atLeast: 99n })).aggregate.position).toBe(9n)
    expect(demanded).toEqual([7n, 99n])
    expect((await results.results('one')).aggregate.position).toBe(9n)
    expect(asked).not.toContain('replay')
  })

  it('of the projection are to be no older than what was shown', async () => {
    const answers = [aggregate(9n), aggregate(9n)]
    const { results, demanded } = given({ projection: async () => answers.shift() })
    await results.results('one')
    await results.results('one', { atLeast: 3n })
    expect(demanded).toEqual([0n, 9n])
  })

  it('come from the projection where there is no snapshot, which is offered for a moment', async () => {
    const { results, store } = given({ projection: async () => aggregate(4n) })
    expect((await results.results('one')).tier).toBe('projection')
    expect((await store.get('one'))?.position).toBe(4n)
  })

  it('come from a replay where nothing else has them', async () => {
    const { results, asked } = given({})
    expect((await results.results('one')).tier).toBe('replay')
    expect(asked).toEqual(['snapshot', 'projection', 'replay'])
  })

  it.each([
    ['dead', dead],
    ['silent', silent],
  ])('come from the next tier when the first ones are %s', async (_, broken) => {
    const { results, failed } = given({ snapshot: broken, projection: broken })
    expect((await results.results('one')).tier).toBe('replay')
    expect(failed).toEqual(['snapshot', 'projection'])
  })

  it('are refused for a poll that does not exist, without a replay', async () => {
    const { results, asked } = given({ inLog: false })
    await expect(results.results('one')).rejects.toMatchObject({ code: 'POLL_NOT_FOUND' })
    await expect(results.results('No Such Poll')).rejects.toMatchObject({ code: 'POLL_NOT_FOUND' })
    expect(asked).not.toContain('replay')
  })

  it('are unavailable when every tier is', async () => {
    const { results } = given({ snapshot: dead, projection: dead, inLog: 'unavailable' })
    const refused = results.results('one')
    await expect(refused).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE', retryAfter: 5 })
  })

  it('are refused soon where nothing else has them and a replay takes long, and are there when it is done', async () => {
    const replay = Promise.withResolvers<PollAggregate>()
    const { results } = given({ snapshot: dead, projection: silent, replay: () => replay.promise })
    const started = performance.now()
    await expect(results.results('one')).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE', retryAfter: 5 })
    expect(performance.now() - started).toBeLessThan(4000)
    replay.resolve(aggregate(3n))
    expect(await results.results('one')).toMatchObject({ tier: 'snapshot', aggregate: { position: 3n } })
  })

  it('are refused soon where nobody has them and the log is silent', async () => {
    const { results } = given({ snapshot: silent, projection: silent, inLog: 'silent' })
    const started = performance.now()
    await expect(results.results('one')).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE', retryAfter: 5 })
    expect(performance.now() - started).toBeLessThan(4000)
  })

  it('are the last known where a replay takes long', async () => {
    const tiers: Parameters<typeof given>[0] = {}
    const { results } = given(tiers)
    await results.results('one')
    tiers.replay = silent
    expect(await results.results('one')).toMatchObject({ tier: 'snapshot', aggregate: { position: 3n } })
  })

  it.each(['snapshot', 'projection', 'replay'] as const)(
    'come from the %s alone if asked so',
    async (tier) => {
      const answer = async () => aggregate(5n)
      const { results, asked } = given({ snapshot: answer, projection: answer })
      expect((await results.results('one', { tier })).tier).toBe(tier)
      expect(asked).toEqual([tier])
    },
  )

  it('are the last known, at once, when the snapshot is out of date and the projection fails', async () => {
    const { results, store, asked } = given({ projection: dead, inLog: 'unavailable' })
    await store.put(aggregate(4n))
    store.abandon()
    expect(await results.results('one')).toMatchObject({ tier: 'snapshot', aggregate: { position: 4n } })
    expect(asked).not.toContain('replay')
  })

  it.each(['snapshot', 'projection'] as const)(
    'never go back, though a %s answers with less than a replay has told before',
    async (tier) => {
      const behind = async () => aggregate(2n)
      const tiers: Parameters<typeof given>[0] = {}
      const { results } = given(tiers)
      expect((await results.results('one')).aggregate.position).toBe(3n)
      tiers[tier] = behind
      expect((await results.results('one')).aggregate.position).toBe(3n)
      expect((await results.results('one', { tier })).aggregate.position).toBe(2n)
      tiers[tier] = async () => aggregate(4n)
      expect(await results.results('one')).toMatchObject({ tier, aggregate: { position: 4n } })
    },
  )

  it('are those that a replay has told, when nothing answers any more', async () => {
    const tiers: Parameters<typeof given>[0] = {}
    const { results } = given(tiers)
    await results.results('one')
    Object.assign(tiers, { snapshot: dead, projection: dead, inLog: 'unavailable' })
    expect(await results.results('one')).toMatchObject({ tier: 'snapshot', aggregate: { position: 3n } })
  })

  it('no longer wait for a tier that has failed often: it is not asked', async () => {
    const { results, asked } = given({ snapshot: silent, projection: silent })
    for (let n = 0; n < 3; n++) await results.results('one')
    for (let n = 0; n < 20; n++) expect((await results.results('one')).tier).not.toBe('projection')
    expect(asked.filter((tier) => tier === 'projection')).toHaveLength(3)
  })

  it('of one tier are an error when it has none, is dead or silent', async () => {
    const empty = given({}).results.results('one', { tier: 'snapshot' })
    await expect(empty).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    const nowhere = given({ inLog: false }).results.results('one', { tier: 'snapshot' })
    await expect(nowhere).rejects.toMatchObject({ code: 'POLL_NOT_FOUND' })
    for (const broken of [dead, silent]) {
      const { results } = given({ projection: broken })
      const refused = results.results('one', { tier: 'projection' })
      await expect(refused).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    }
  })

  it('wait for no trial of a tier that has failed often', async () => {
    const tiers = { snapshot: dead, projection: dead as () => Promise<never> }
    const { results, asked, store } = given(tiers)
    await store.put(aggregate(4n))
    for (let n = 0; n < 3; n++) await results.results('one')
    tiers.projection = silent
    let slow = 0
    const until = performance.now() + 5000
    while (performance.now() < until) {
      const started = performance.now()
      expect((await results.results('one')).aggregate.position).toBe(4n)
      // Who had to wait for the deadline would wait a second.
      if (performance.now() - started > 900) slow++
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(asked.filter((tier) => tier === 'projection')).toHaveLength(4)
    expect(slow).toBe(0)
  })

  it('of a moment are never later than that moment', async () => {
    const { results } = given({})
    const { tier, aggregate } = await results.results('one', { asOf: '2020-01-01T00:00:00.000Z' })
    expect([tier, aggregate.asOf]).toEqual(['replay', '2020-01-01T00:00:00.000Z'])
  })
})

describe('the list of polls', () => {
  const list = [{ definition: testPoll('one'), status: 'open' }] as const

  it.each([
    ['dead', dead],
    ['silent', silent],
  ])('is the last known one while the projection is %s', async (_, broken) => {
    const tiers = { definitions: async (): Promise<PollSummary[]> => [...list] }
    const { results } = given(tiers)
    expect(await results.polls()).toEqual(list)
    tiers.definitions = broken
    for (let n = 0; n < 10; n++) expect(await results.polls()).toEqual(list)
  })

  it('given the projection is dead, has the polls too that were opened later and asked for one by one', async () => {
    const tiers: Parameters<typeof given>[0] = { definitions: async () => [...list] }
    const { results } = given(tiers)
    await results.polls()
    tiers.definitions = dead
    for (const poll of ['three', 'two', 'one']) {
      const openedAt = poll === 'three' ? 30n : 20n
      tiers.snapshot = async () => openedPoll(testPoll(poll), openedAt, '2026-01-01T00:00:00.000Z')
      await results.results(poll)
    }
    const names = (await results.polls()).map(({ definition }) => definition.poll)
    expect(names).toEqual(['one', 'two', 'three'])
    expect(await results.polls()).toHaveLength(3)
  })

  it('is unavailable where none was ever known', async () => {
    const { results } = given({ definitions: dead })
    await expect(results.polls()).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
  })
})
