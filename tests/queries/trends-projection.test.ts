/** Trends read from what the projector stores are those of folding the same events in memory. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TrendsQuery } from '../../src/queries/trends.ts'
import { readTrends } from '../../src/queries/trends-request.ts'
import { type TrendsView, trendsView } from '../../src/queries/trends-view.ts'
import { eventually } from '../support/eventually.ts'
import { actions, tell } from '../support/history.ts'
import { PeriodFold } from '../support/period-fold.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService({ ROLES: 'relay,projector' })
})
afterAll(() => service.close())

it('for arbitrary histories, asked again and again while they go on', { timeout: 240_000 }, async () => {
  const { log } = service.services.commands
  const fold = new PeriodFold()
  let [run, read] = [0, 0n]
  await fc.assert(
    fc.asyncProperty(actions({ maxLength: 40 }), fc.nat(40), async (acts, cut) => {
      run++
      const polls = [`one-${run}`, `two-${run}`] as const
      const appends = tell(
        acts.map((act) => ({ ...act, after: act.after * 3600 })),
        polls,
      )
      const half = 2 + (cut % Math.max(1, appends.length - 1))
      for (const some of [appends.slice(0, half), appends.slice(half)]) {
        for (const { stream, events, expectedRevision } of some)
          await log.append(stream, events, expectedRevision)
        for await (const batch of log.readAll({ after: read }))
          for (const event of batch) {
            fold.apply(event)
            read = event.position
          }
        for (const poll of polls) await expectAgreement(service, fold, poll)
      }
    }),
    { numRuns: 15 },
  )
})

async function expectAgreement({ services }: TestService, fold: PeriodFold, poll: string): Promise<void> {
  const results = { poll: async (name: string) => fold.whole.polls.get(name)! }
  const plain = new TrendsQuery({ periods: fold, results, now: () => new Date() })
  for (const view of ['period', 'cumulative']) {
    const request = readTrends({
      view,
      bucket: 'week',
      tz: 'Pacific/Chatham',
      from: '2026-01-01',
      detail: 'full',
    })
    const ask = async (query: TrendsQuery): Promise<TrendsView> =>
      trendsView(await query.detailed(await query.trends(poll, request)))
    // Its own position is that of the last event of all polls: the same in both.
    await eventually(async () => expect(await ask(services.trends)).toEqual(await ask(plain)))
  }
}
