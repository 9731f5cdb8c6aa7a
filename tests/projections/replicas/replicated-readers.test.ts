/** Who is asked, and what comes of it when a replica is behind or is lost on the way. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PeriodReader, ReaderLost } from '../../../src/projections/period-aggregate.ts'
import type { PollAggregate } from '../../../src/projections/poll-aggregate.ts'
import type { Replica } from '../../../src/projections/replicas/replica.ts'
import type { Replicas } from '../../../src/projections/replicas/replicas.ts'
import { ReplicatedPeriods } from '../../../src/projections/replicas/replicated-periods.ts'
import { ReplicatedPolls } from '../../../src/projections/replicas/replicated-polls.ts'
import { ReplicatedRows } from '../../../src/projections/replicas/replicated-rows.ts'
import type { SubmissionRow } from '../../../src/projections/submission-rows.ts'

type Stub = Readonly<Record<string, unknown>>

/** Replicas that are all usable, until they are told to have failed. */
function given(stubs: readonly Stub[]) {
  const lost = new Set<Replica>()
  const all = stubs.map((stub, index) => ({ name: `replica ${index}`, ...stub }) as unknown as Replica)
  const usable = () => all.filter((replica) => !lost.has(replica))
  const replicas: Pick<Replicas, 'usable' | 'failed' | 'read'> = {
    usable,
    failed: (replica) => void lost.add(replica),
    read: async (_, ask, askPrimary) => {
      for (const replica of usable())
        try {
          const answer = await ask(replica)
          if (answer !== undefined) return answer
        } catch {
          lost.add(replica)
        }
      return await askPrimary()
    },
  }
  return { replicas, lost: () => [...lost].map(({ name }) => name) }
}

const row = (position: bigint) => ({ position }) as SubmissionRow
type Rows = { version: number; checkpoint: bigint; failsAfter?: number; batch: number }

/** Rows 1 to 100, by batches; it may be lost after so many of them. */
function rowsOf({ version, checkpoint, failsAfter = Number.POSITIVE_INFINITY, batch }: Rows) {
  return {
    checkpoint: async () => checkpoint,
    live: async () => ({ version, checkpoint }),
    rows: async function* (
      _: string,
      at: { position: bigint },
      { after = 0n, limit = Number.POSITIVE_INFINITY, version: wanted = version } = {},
    ) {
      if (at.position > checkpoint) throw new RangeError('not yet')
      if (wanted !== version) throw new Error('another version')
      let given = 0
      for (let position = after + 1n; position <= at.position && given < limit; ) {
        if (given >= failsAfter) throw new Error('lost')
        const rows: SubmissionRow[] = []
        for (; rows.length < batch && given < limit && position <= at.position; position++, given++)
          rows.push(row(position))
        yield rows
      }
    },
  }
}

describe('rows', () => {
  const positions = async (reader: ReplicatedRows, limit?: number) => {
    const batches = await Array.fromAsync(
      reader.rows('p', { position: 100n }, limit === undefined ? {} : { limit }),
    )
    return batches.flat().map(({ position }) => Number(position))
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
  const replica = fc.record({
    version: fc.constantFrom(1, 2),
    checkpoint: fc.constantFrom(99n, 100n, 200n),
    failsAfter: fc.integer({ min: 0, max: 120 }),
    batch: fc.integer({ min: 1, max: 40 }),
  })

  it('are whole, each once and in order, wherever replicas are lost or behind', async () => {
    const versions = fc.constantFrom(1, 2)
    const limits = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        fc.array(replica, { maxLength: 3 }),
        versions,
        limits,
        async (stubs, version, limit) => {
          const { replicas } = given(stubs.map((stub) => ({ rows: rowsOf(stub) })))
          const primary = rowsOf({ version, checkpoint: 300n, batch: 7 })
          const taken = positions(new ReplicatedRows(replicas, primary as never), limit)
          const first = stubs.find(({ checkpoint, failsAfter }) => checkpoint >= 100n && failsAfter > 0)
          // What was begun of one version cannot be ended with another one.
          const rows = await taken.catch((error: Error) => {
            expect(error.message).toBe('another version')
            expect(first?.version).not.toBe(version)
          })
          if (rows) expect(rows).toEqual(upTo(limit ?? 100))
          else expect(first).toBeDefined()
        },
      ),
      // One that is lost before it gave anything binds nobody to its version.
      { examples: [[[{ version: 2, checkpoint: 100n, failsAfter: 0, batch: 1 }], 1, undefined]] },
    )
  })

  it('come from a replica that has come so far, and from the primary while there is none', async () => {
    const asked: (string | undefined)[] = []
    const stubs = [99n, 100n].map((checkpoint) => ({ rows: rowsOf({ version: 1, checkpoint, batch: 50 }) }))
    const { replicas, lost } = given(stubs)
    const primary = rowsOf({ version: 1, checkpoint: 100n, batch: 50 })
    await positions(new ReplicatedRows(replicas, primary as never, (name) => asked.push(name)))
    await positions(new ReplicatedRows(given([]).replicas, primary as never, (name) => asked.push(name)))
    expect(asked).toEqual(['replica 1', undefined])
    expect(lost()).toEqual([])
  })

  it('tell how far they have come although the primary is away', async () => {
    const { replicas } = given([{ rows: rowsOf({ version: 1, checkpoint: 42n, batch: 1 }) }])
    const primary = { checkpoint: () => Promise.reject(new Error('away')) }
    expect(await new ReplicatedRows(replicas, primary as never).checkpoint()).toBe(42n)
    await expect(new ReplicatedRows(given([]).replicas, primary as never).checkpoint()).rejects.toThrow(
      'away',
    )
  })
})

describe('polls', () => {
  const poll = (position: bigint, generation = 0) => ({ position, generation }) as PollAggregate
  const store = (found: PollAggregate | undefined, rank = 0n) => ({
    polls: async () => ({ poll: async () => found, listed: async () => ({ rank, polls: [{ at: rank }] }) }),
  })
  const from = (stubs: readonly Stub[], primary: PollAggregate, rank = 100n) =>
    new ReplicatedPolls(given(stubs).replicas, {
      poll: async () => primary,
      listed: async () => ({ rank, polls: [{ at: rank }] as never }),
    })

  it.each([
    ['has it', poll(7n), 7n, 7n],
    ['is behind what was shown', poll(6n), 7n, 9n],
    ['has it of an older version', poll(20n), (1n << 64n) + 3n, 9n],
    ['does not know it yet', undefined, 0n, 9n],
  ])('given a replica %s, then the right one answers', async (_, found, atLeast, position) => {
    const answer = await from([store(found)], poll(9n, 1)).poll('p', atLeast)
    expect(answer?.position).toBe(position)
  })

  it('are listed of a rank that never goes back', async () => {
    const ranks = [5n, 4n, 6n]
    const stub = {
      polls: async () => ({ listed: async () => ({ rank: ranks[0], polls: [{ at: ranks.shift() }] }) }),
    }
    const polls = from([stub], poll(9n), 5n)
    const listed = async () => (await polls.definitions()) as unknown as [{ at: bigint }]
    expect([await listed(), await listed(), await listed()].map(([{ at }]) => at)).toEqual([5n, 5n, 6n])
  })
})

describe('periods', () => {
  const options = { since: 0n, atLeast: 3n }
  async function* losing(): AsyncGenerator<never[]> {
    yield []
    throw new Error('lost')
  }
  const sums =
    (checkpoint: bigint, periods: AsyncIterable<never[]>): PeriodReader['sums'] =>
    async () => ({
      ...{ version: 1, generation: 0, checkpoint, about: { asOf: null, parked: 0 } },
      periods,
    })
  async function* none(): AsyncGenerator<never[]> {}

  it('given a replica is lost while it is read, then that is said, and the next question goes elsewhere', async () => {
    const { replicas, lost } = given([{ periods: { sums: sums(7n, losing()) } }])
    const reader = new ReplicatedPeriods(replicas, { sums: sums(9n, none()) } as never)
    const first = await reader.sums('p', 'cast', options)
    expect(first.checkpoint).toBe(7n)
    await expect(Array.fromAsync(first.periods)).rejects.toThrow(ReaderLost)
    expect(lost()).toEqual(['replica 0'])
    expect((await reader.sums('p', 'cast', options)).checkpoint).toBe(9n)
  })

  it('given a whole answer, then nobody is lost', async () => {
    const { replicas, lost } = given([{ periods: { sums: sums(7n, none()) } }])
    const reader = new ReplicatedPeriods(replicas, {} as never)
    await Array.fromAsync((await reader.sums('p', 'cast', options)).periods)
    expect(lost()).toEqual([])
  })

  it('do not demand of the primary what it may not have', async () => {
    const asked: unknown[] = []
    const primary = { sums: async (...question: unknown[]) => asked.push(question) }
    await new ReplicatedPeriods(given([]).replicas, primary as never).sums('p', 'cast', options)
    expect(asked).toEqual([['p', 'cast', { since: 0n }]])
  })
})
