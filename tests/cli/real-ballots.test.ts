/** Every file of real ballots, imported and compared with what another program makes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importBallots, type Verdict } from '../../src/cli/import/import-ballots.ts'
import { openBallotFile } from '../../src/cli/import/open-ballot-file.ts'
import { preparePoll } from '../../src/cli/import/prepare-poll.ts'
import { tiers } from '../../src/queries/results.ts'
import { type ResultsView, resultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { expectResults, type RealFile, realFiles } from './real-ballots.ts'

/** A quarter of a million ballots, three times over. */
const MINUTES = 60_000

const files = await realFiles()
let service: TestService

beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service?.close())

/** Imports a file into a poll of its own; tells how many lines came to what. */
async function importFile({ path, poll, normalise }: RealFile): Promise<Record<Verdict['status'], number>> {
  const { commands } = service.services
  const { file } = await openBallotFile(path, { normalise, now: commands.now })
  const { definition, categories } = await preparePoll(commands, poll, file, { dryRun: false })
  const counts = { imported: 0, 'already there': 0, rejected: file.rejected.length }
  const target = { definition, categories, context: commands }
  for await (const { status } of importBallots(target, file.rows(), new AbortController().signal))
    counts[status]++
  return counts
}

/** The results of every file through every tier. All replays are asked for at once, so they are one. */
async function expectAllTiers(): Promise<ResultsView[]> {
  const views: ResultsView[] = []
  for (const tier of tiers) {
    const answers = await Promise.all(
      files.map(async (file) => {
        const view = resultsView(await service.services.results.results(file.poll, { tier }))
        expect(view.tier).toBe(tier)
        return { view, file }
      }),
    )
    for (const { view, file } of answers) expectResults(view, file.expected)
    views.push(...answers.map(({ view }) => view))
  }
  return views
}

/** Until what was imported is projected and has its snapshot. */
const projected = () =>
  eventually(async () => {
    for (const { poll, expected } of files)
      for (const tier of ['projection', 'snapshot'] as const) {
        const { aggregate } = await service.services.results.results(poll, { tier })
        expect([poll, tier, aggregate.counted]).toEqual([poll, tier, expected.n])
      }
  }, MINUTES)

describe('given the real files', { timeout: 5 * MINUTES }, () => {
  test('there are thirteen of them', () => {
    expect(files).toHaveLength(13)
  })

  test.each(files)(
    'when $poll is imported, then what is rejected is told and the rest is in',
    async (file) => {
      const { n, rejected } = file.expected
      expect(await importFile(file)).toEqual({ imported: n, 'already there': 0, rejected })
    },
  )

  let first: ResultsView[]
  test('when they are imported, then every tier gives what is expected', async () => {
    await projected()
    first = await expectAllTiers()
  })

  test.each(files)('when $poll is imported again, then everything is there already', async (file) => {
    const { n, rejected } = file.expected
    expect(await importFile(file)).toEqual({ imported: 0, 'already there': n, rejected })
  })

  test('when they have been imported twice, then every tier still gives the same, to the position', async () => {
    await projected()
    expect(await expectAllTiers()).toEqual(first)
  })

  test('when the service is started again, then every tier still gives the same', async () => {
    await service.restart()
    await projected()
    expect(await expectAllTiers()).toEqual(first)
  })
})
