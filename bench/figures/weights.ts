import type { Browser } from 'playwright-core'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import { openBrowser } from '../../tests/web/browser.ts'
import { sumOf, transferredFor, WEIGHT_LIMIT } from '../../tests/web/transferred.ts'
import { check, judge, type Measured, summarise } from '../harness.ts'
import { resultsOf } from '../results-of.ts'
import { POLL, pollDefinition } from '../seed.ts'
import { startService } from '../servers.ts'
import type { Benchmark } from '../workbench.ts'

const KB = 1000

/** What a browser that comes for the first time transfers for a page, all that belongs to it included. */
export const weights: Benchmark = {
  name: 'weights',
  measure: async (bench) => {
    const { small } = bench.sizes
    const service = await startService(bench, await bench.copyOf(await bench.seeded(small), 'weights'))
    await resultsOf(service, small)
    const pages = {
      'the form': '/',
      'the results': '/results',
      'an individual result': `/submissions/${await submitOne(service.url)}`,
    }
    const browser = await openBrowser()
    bench.onEnd(() => browser.close())
    const figures: Measured[] = []
    for (const [name, path] of Object.entries(pages))
      figures.push(await weigh(browser, name, service.url + path))
    return figures
  },
}

async function weigh(browser: Browser, name: string, address: string): Promise<Measured> {
  const context = await browser.newContext({ locale: 'en' })
  try {
    const transferred = await transferredFor(await context.newPage(), address)
    const sides = [...transferred].map(([kind, bytes]) =>
      summarise({ name: kind.toLowerCase(), unit: 'kB' }, [bytes / KB]),
    )
    const figure = { what: `${name}, transferred in all`, target: { atMost: WEIGHT_LIMIT / KB }, unit: 'kB' }
    return judge(figure, [sumOf(transferred) / KB], sides)
  } finally {
    await context.close()
  }
}

/** @returns its id */
async function submitOne(url: string): Promise<string> {
  const allocation = simulateAllocation(await pollDefinition(), seededRandom('weighed'))
  const answer = await fetch(`${url}/api/polls/${POLL}/submissions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ allocation }),
  })
  check(answer.status === 201, `a submission is answered with ${answer.status}`)
  return ((await answer.json()) as { submission: string }).submission
}
