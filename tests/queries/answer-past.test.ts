/** From stored states, whatever they are and whenever things occurred, the past is what a full replay gives. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerPast, type PastQuestion, TooManyEvents } from '../../src/queries/past/answer-past.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'
import { MemoryLog, recorded } from '../support/memory-log.ts'
import { MemoryStates } from '../support/memory-states.ts'

const minute = (n: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * 60_000).toISOString()
const minutes = fc.nat({ max: 30 }).map(minute)

/** A history whose events occurred at any time, boundaries anywhere, and a moment. */
const pasts = fc.record({
  acts: actions({ minLength: 5, maxLength: 80 }),
  times: fc.oneof(
    fc.array(minutes, { minLength: 1, maxLength: 90 }),
    // In order but for a few: what clocks and imports make of it.
    fc
      .array(fc.tuple(fc.integer({ min: 0, max: 9 }), minutes), { minLength: 60, maxLength: 90 })
      .map((times) => times.map(([luck, time], n) => (luck === 0 ? time : minute(Math.floor(n / 3))))),
  ),
  boundaries: fc.uniqueArray(fc.nat({ max: 90 }), { maxLength: 20 }),
  upTo: fc.option(fc.nat({ max: 90 })),
  asOf: fc.option(minutes, { nil: undefined }),
  known: fc.option(fc.nat({ max: 90 })),
})

const question = (poll: string, upTo: bigint, asOf?: string): PastQuestion => ({
  ...{ poll, upTo, asOf },
  maxEvents: 1000n,
  positionsPerEvent: 1n,
})

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b).map(BigInt)

async function given({
  acts,
  times,
  boundaries,
}: {
  acts: Parameters<typeof tell>[0]
  times: readonly string[]
  boundaries: readonly number[]
}) {
  const log = new MemoryLog(recorded(tell(acts), times))
  return { log, states: await MemoryStates.of(log, ascending(boundaries)) }
}

const fail = (error: Error) => {
  throw error
}

describe('the past from stored states', () => {
  it('is the fold of what stands up to the position and occurred up to the time', async () => {
    await fc.assert(
      fc.asyncProperty(pasts, async ({ upTo, asOf, known, ...past }) => {
        const { log, states } = await given(past)
        const end = upTo === null || BigInt(upTo) > log.head ? log.head : BigInt(upTo)
        for (const poll of ['one', 'two']) {
          const expected = (await replay(log, { upTo: end, ...(asOf && { asOf }) })).fold.polls.get(poll)
          const asked = question(poll, end, asOf)
          const actual = await answerPast({ log, states }, asked, { onStatesFailed: fail })
          expect(plain(actual)).toEqual(plain(expected))
          if (known === null || BigInt(known) > end) continue
          const earlier = (await replay(log, { upTo: BigInt(known), ...(asOf && { asOf }) })).fold.polls.get(
            poll,
          )
          if (!earlier) continue
          const goingOn = { ...asked, known: { upTo: BigInt(known), aggregate: earlier } }
          const later = await answerPast({ log, states }, goingOn, { onStatesFailed: fail })
          expect(plain(later)).toEqual(plain(expected))
        }
      }),
      { numRuns: 600 },
    )
  })

  const many = fc.sample(actions({ minLength: 90, maxLength: 90 }), { numRuns: 1, seed: 5 })[0]!
  const inOrder = Array.from({ length: 90 }, (_, n) => minute(n))
  const everyTen = Array.from({ length: 8 }, (_, n) => 10 * (n + 1))

  it('reads no more of the log than lies between two boundaries', async () => {
    const { log, states } = await given({ acts: many, times: inOrder, boundaries: everyTen })
    const ask = async (upTo: bigint, asOf?: string) => {
      log.read = 0
      await answerPast({ log, states }, question('one', upTo, asOf), { onStatesFailed: fail })
      return log.read
    }
    expect(await ask(50n)).toBe(0)
    expect(await ask(53n)).toBe(3)
    expect(await ask(55n, minute(24))).toBeLessThanOrEqual(10)
    expect(log.head).toBeGreaterThan(60n)
    expect(await ask(log.head, minute(24))).toBeLessThanOrEqual(10 + Number(log.head % 10n))
  })

  it('adds what lies wholly in time after something that does not, without reading its events', async () => {
    const late = inOrder.with(4, minute(1000))
    const { log, states } = await given({ acts: many, times: late, boundaries: everyTen })
    log.read = 0
    await answerPast({ log, states }, question('one', 60n, minute(500)), { onStatesFailed: fail })
    const effects = (await states.timeline('one')).segments.filter(({ hasEffect }) => hasEffect)
    expect(effects.length).toBeGreaterThan(3)
    expect(log.read).toBeLessThan(60)
  })

  it('is replayed from the start where the states are of no use', async () => {
    const { log, states } = await given({ acts: many, times: inOrder, boundaries: everyTen })
    const broken = Object.assign(Object.create(states) as MemoryStates, {
      poll: async () => Promise.reject(new Error('it cannot be read')),
    })
    const told: string[] = []
    const actual = await answerPast({ log, states: broken }, question('one', 50n), {
      onStatesFailed: ({ message }) => told.push(message),
    })
    expect(plain(actual)).toEqual(plain((await replay(log, { upTo: 50n })).fold.polls.get('one')))
    expect(told).toEqual(['it cannot be read'])
  })

  it('is refused where too much would have to be replayed', async () => {
    const { log, states } = await given({ acts: many, times: inOrder, boundaries: [10] })
    const asked = { ...question('one', 50n), maxEvents: 39n }
    await expect(answerPast({ log, states }, asked)).rejects.toThrow(TooManyEvents)
    await expect(answerPast({ log, states }, { ...asked, maxEvents: 40n })).resolves.toBeDefined()
  })
})
