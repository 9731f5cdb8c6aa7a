/** The three tiers agree to the last digit, whatever happened. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Tier, tiers } from '../../src/queries/results.ts'
import { resultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import { actions, tell } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'

describe('snapshot, projection and replay', () => {
  let service: TestService
  beforeAll(async () => {
    service = await startTestService({ ROLES: 'relay,projector' })
  })
  afterAll(() => service.close())

  it('give the same results at the same position, for arbitrary histories', {
    timeout: 120_000,
  }, async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(actions(), async (acts) => {
        run++
        const polls = [`one-${run}`, `two-${run}`] as const
        const { log } = service.services.commands
        for (const { stream, events, expectedRevision } of tell(acts, polls))
          await log.append(stream, events, expectedRevision)
        await projected(service)
        for (const poll of polls) await expectAgreement(service, poll)
      }),
      { numRuns: 25 },
    )
  })

  it('give the same results at every position of the past as a fold of that prefix', async () => {
    const { results, commands } = service.services
    const acts = fc.sample(actions({ minLength: 40 }), { numRuns: 1, seed: 7 })[0]!
    const positions: bigint[] = []
    const seen: unknown[] = []
    for (const { stream, events, expectedRevision } of tell(acts, ['past', 'other'])) {
      positions.push((await commands.log.append(stream, events, expectedRevision)).position)
      await projected(service)
      seen.push(resultsView(await results.results('past', { tier: 'projection' })))
    }
    for (const index of [0, 10, positions.length - 1]) {
      const answer = await results.results('past', { position: positions[index]! })
      expect({ ...resultsView(answer), tier: 'projection' }).toEqual(seen[index])
    }
  })
})

/** The projection has come to the log's head. */
async function projected({ services }: TestService): Promise<void> {
  const head = await services.commands.log.head()
  await eventually(async () => expect((await services.projections.load()).checkpoint).toBe(head))
}

async function expectAgreement({ services: { results } }: TestService, poll: string): Promise<void> {
  const ask = async (tier: Tier) => ({
    ...resultsView(await results.results(poll, { tier })),
    tier: undefined,
  })
  const replayed = await ask('replay')
  for (const tier of tiers) await eventually(async () => expect(await ask(tier)).toEqual(replayed))
}
