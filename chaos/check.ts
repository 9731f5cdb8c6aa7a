/** At the end: is every acknowledged command counted exactly once, and do all ways to the results agree? */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { repository } from '../bench/processes.ts'
import type { PollDefinition } from '../src/events/poll-events.ts'
import { type Tier, tiers } from '../src/queries/results.ts'
import type { ResultsView } from '../src/queries/results-view.ts'
import { cleanEnvironment } from '../tests/support/clean-environment.ts'
import type { Member, World } from '../tests/support/world/world.ts'
import { ask, keptConnection } from './clients/ask.ts'
import { type Expected, expectedResults } from './clients/expected.ts'
import type { Ledger } from './clients/ledger.ts'
import type { Findings } from './findings.ts'

const CATCH_UP_MS = 60_000
const ASK_MS = 30_000
const LOOK_MS = 100
/** A replay is refused while another one runs. */
const BUSY_MS = 1000

export interface Checked {
  /** From the healing of everything until every process showed everything in every tier. */
  readonly caughtUpMs: number | undefined
  readonly verified: string
}

export async function checkEverything(
  world: World,
  ledger: Ledger,
  { poll, categories }: PollDefinition,
  findings: Findings,
): Promise<Checked> {
  const ids = categories.map(({ id }) => id)
  const expected = expectedResults(ledger.submissions, ids)
  const started = performance.now()
  const views: ResultsView[] = []
  for (const web of world.webs)
    for (const tier of tiers) {
      const view = await caughtUp(world, web, {
        poll,
        tier,
        from: ledger.highest,
        until: started + CATCH_UP_MS,
      })
      if (typeof view === 'string') findings.add('has not caught up', `${web.process.name}, ${tier}: ${view}`)
      else {
        views.push(view)
        const wrong = difference(expected, view)
        if (wrong) findings.add('counted wrongly', `${web.process.name}, ${tier}: ${wrong}`)
      }
    }
  const caughtUpMs =
    views.length === world.webs.length * tiers.length ? performance.now() - started : undefined
  const [first, ...others] = views.map(({ tier, ...view }) => ({ tier, view }))
  for (const { tier, view } of others)
    if (!isDeepStrictEqual(view, first!.view)) findings.add('tiers differ', `${tier} from ${first!.tier}`)
  return { caughtUpMs, verified: await verify(world, findings) }
}

interface Wanted {
  readonly poll: string
  readonly tier: Tier
  /** At least this position. */
  readonly from: bigint
  readonly until: number
}

/** @returns why not, if it does not come so far in time */
async function caughtUp(world: World, { url }: Member, wanted: Wanted): Promise<ResultsView | string> {
  const { poll, tier, from, until } = wanted
  const agent = keptConnection()
  const headers = { authorization: `Bearer ${world.environment.OPERATOR_TOKEN}` }
  try {
    for (;;) {
      const asked = ask(agent, `${url}/api/polls/${poll}/results?tier=${tier}`, {
        headers,
        timeoutMs: ASK_MS,
      })
      const answer = await asked.catch((error: Error) => ({ status: 0, text: error.message }))
      const view = answer.status === 200 ? (JSON.parse(answer.text) as ResultsView) : undefined
      if (view && view.tier === tier && BigInt(view.position) >= from) return view
      if (performance.now() > until)
        return view ? `at ${view.position} of ${from}` : `${answer.status} ${answer.text.slice(0, 300)}`
      await sleep(tier === 'replay' ? BUSY_MS : LOOK_MS)
    }
  } finally {
    agent.destroy()
  }
}

/** What is counted otherwise than it should be. */
function difference(expected: Expected, view: ResultsView): string | undefined {
  const differences = []
  if (view.parked !== 0) differences.push(`${view.parked} events are parked`)
  if (!isDeepStrictEqual(view.submissions, expected.submissions))
    differences.push(`${JSON.stringify(view.submissions)} instead of ${JSON.stringify(expected.submissions)}`)
  const categories = view.categories.map(({ id, sum, histogram }) => ({ id, sum, histogram }))
  for (const [index, category] of expected.categories.entries())
    if (!isDeepStrictEqual(categories[index], category))
      differences.push(`${category.id} has ${categories[index]?.sum} instead of ${category.sum}`)
  return differences.length > 0 ? differences.join('; ') : undefined
}

/** `taxbudget projections verify`, as an operator runs it. */
async function verify({ environment }: World, findings: Findings): Promise<string> {
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(
      process.execPath,
      ['src/cli/main.ts', 'projections', 'verify'],
      { cwd: repository, env: cleanEnvironment({ ...environment }), timeout: 120_000 },
      (error, stdout, stderr) =>
        resolve({ code: error ? (error.code ?? error.signal) : 0, output: `${stdout}${stderr}`.trim() }),
    ),
  )
  if (code !== 0) findings.add('verify fails', `exit code ${code}: ${output.slice(0, 1000)}`)
  return code === 0 ? 'right' : `exit code ${code}`
}
