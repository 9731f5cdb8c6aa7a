/** The three tiers agree to the last digit, whatever happened. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Tier, tiers } from '../../src/queries/results.ts'
import { resultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import { histories } from '../support/history.ts'
import { startTestService } from '../support/service.ts'

describe('snapshot, projection and replay', () => {
  it('give the same results at the same position, for arbitrary histories', {
    timeout: 180_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (history) => {
        const service = await startTestService({ ROLES: 'relay,projector' })
        try {
          const { log } = service.services.commands
          for (const { stream, events, expectedRevision } of history)
            await log.append(stream, events, expectedRevision)
          for (const poll of ['one', 'two']) await expectAgreement(service, poll)
        } finally {
          await service.close()
        }
      }),
      { numRuns: 12 },
    )
  })
})

type TestService = Awaited<ReturnType<typeof startTestService>>

async function expectAgreement({ services }: TestService, poll: string): Promise<void> {
  const { results, projections, commands } = services
  const head = await commands.log.head()
  await eventually(async () => expect((await projections.load()).checkpoint).toBe(head))
  const ask = async (tier: Tier) => ({
    ...resultsView(await results.results(poll, { tier })),
    tier: undefined,
  })
  const replayed = await ask('replay')
  for (const tier of tiers) await eventually(async () => expect(await ask(tier)).toEqual(replayed), 2000)
}
