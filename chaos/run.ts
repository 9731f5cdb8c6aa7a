/** One run: everything is started, used and hit, healed, and then held to what was acknowledged. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../bench/processes.ts'
import { PollDefinition } from '../src/events/poll-events.ts'
import type { EndedByItself } from '../tests/support/world/supervised-process.ts'
import { World } from '../tests/support/world/world.ts'
import { carryOut } from './carry-out.ts'
import { checkEverything } from './check.ts'
import { Crowd } from './clients/crowd.ts'
import type { Ledger } from './clients/ledger.ts'
import { Findings } from './findings.ts'
import { type Fault, makePlan } from './plan.ts'
import { makeReport, type Report } from './report.ts'
import { targetsOf } from './targets.ts'

export interface RunOptions {
  readonly minutes: number
  readonly seed: string
  readonly log: 'postgres' | 'eventstore'
  readonly clients: number
  /** For data, logs and evidence. */
  readonly folder: string
  readonly tell: (message: string) => void
}

const ROLES = { web: 2, relay: 2, projector: 2 }

export interface Run {
  readonly report: Report
  readonly plan: readonly Fault[]
  readonly ledger: Ledger
}

/** @param endings disposed of by the caller, whatever happens */
export async function run(options: RunOptions, endings: AsyncDisposableStack): Promise<Run> {
  const { minutes, seed, log, clients, folder, tell } = options
  await mkdir(join(folder, 'logs'), { recursive: true })
  const definition = await defaultPoll()
  const findings = new Findings(performance.now(), ({ what, detail }) => tell(`FOUND ${what}: ${detail}`))
  const ended: EndedByItself[] = []
  tell('starting')
  const { onEnded, onDeaf } = watchEndings(ended, findings, tell)
  const world = await World.start({ folder, log, roles: ROLES, onEnded }, endings)
  const targets = targetsOf(world, onDeaf)
  const plan = makePlan({ seed, minutes, targets })
  const crowd = new Crowd({ webs: world.webs, definition, clients, seed, findings })
  endings.defer(async () => crowd.stop())

  tell(`everything runs: ${clients} clients, ${plan.length} faults to come`)
  const done = await carryOut(plan, {
    targets,
    lengthMs: minutes * 60_000,
    tell,
    onCalm: (since) => {
      crowd.positions.calmSince = since
    },
    onStuck: (name, error) => findings.add('does not come back', `${name}: ${error.message}`),
  })
  tell('healing')
  await world.started().catch((error: Error) => findings.add('does not come back', error.message))
  await crowd.resolve()
  tell('checking')
  const checked = await checkEverything(world, crowd.ledger, definition, findings)
  await crowd.gone()
  return {
    report: makeReport(options, crowd, done, { ended, checked, findings }),
    plan,
    ledger: crowd.ledger,
  }
}

const defaultPoll = async (): Promise<PollDefinition> =>
  PollDefinition.parse(JSON.parse(await readFile(join(repository, 'polls', 'us-federal.json'), 'utf8')))

/** Nobody may end who was not asked to, once it has started; and who is asked must. */
function watchEndings(ended: EndedByItself[], findings: Findings, tell: RunOptions['tell']) {
  const onEnded = (each: EndedByItself) => {
    ended.push(each)
    const how = `ended by itself with ${each.code ?? each.signal}`
    if (each.wasReady) findings.add(how, `${each.name}, see its log`)
    else tell(`${each.name} could not start`)
  }
  const onDeaf = (name: string) => findings.add('does not end', `${name}, though it was asked to`)
  return { onEnded, onDeaf }
}
