/** One run: everything is started, used and hit, healed, and then held to what was acknowledged. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { repository } from '../bench/processes.ts'
import { seededRandom } from '../src/cli/simulate/random.ts'
import { PollDefinition } from '../src/events/poll-events.ts'
import { carryOut } from './carry-out.ts'
import { checkEverything } from './check.ts'
import { Client } from './clients/client.ts'
import { Ledger } from './clients/ledger.ts'
import { Positions } from './clients/positions.ts'
import { noFigures, Reader } from './clients/reader.ts'
import { Findings } from './findings.ts'
import { type Fault, makePlan } from './plan.ts'
import type { Report } from './report.ts'
import type { EndedByItself } from './world/supervised-process.ts'
import { type Web, World } from './world/world.ts'

export interface RunOptions {
  readonly minutes: number
  readonly seed: string
  readonly log: 'postgres' | 'eventstore'
  readonly clients: number
  /** For data, logs and evidence. */
  readonly folder: string
  readonly tell: (message: string) => void
}

export interface Run {
  readonly report: Report
  readonly plan: readonly Fault[]
  readonly ledger: Ledger
}

const RESOLVE_MS = 60_000
/** Some wait for long, others go away soon and try elsewhere while their first try may still be carried out. */
const PATIENCE_MS = { patient: 16_000, impatient: 2500 }

/** @param endings disposed of by the caller, whatever happens */
export async function run(options: RunOptions, endings: AsyncDisposableStack): Promise<Run> {
  const { minutes, seed, log, folder, tell } = options
  await mkdir(join(folder, 'logs'), { recursive: true })
  const definition = PollDefinition.parse(
    JSON.parse(await readFile(join(repository, 'polls', 'us-federal.json'), 'utf8')),
  )
  const findings = new Findings(performance.now(), ({ what, detail }) => tell(`FOUND ${what}: ${detail}`))
  const endedByThemselves: EndedByItself[] = []
  const onEnded = (ended: EndedByItself) => {
    endedByThemselves.push(ended)
    const how = `ended by itself with ${ended.code ?? ended.signal}`
    tell(`${ended.name} ${ended.wasReady ? how : 'could not start'}`)
    if (ended.wasReady) findings.add(how, `${ended.name}, see its log`)
  }
  const onDeaf = (name: string) => findings.add('does not end', `${name}, though it was asked to`)
  tell('starting')
  const world = await World.start({ folder, log, onEnded, onDeaf }, endings)
  const plan = makePlan({ seed, minutes, targets: world.targets })

  const [stopClients, giveUp, stopReaders] = [
    new AbortController(),
    new AbortController(),
    new AbortController(),
  ]
  endings.defer(async () => {
    for (const each of [stopClients, giveUp, stopReaders]) each.abort()
  })
  const ledger = new Ledger()
  const clients = Array.from({ length: options.clients }, (_, number) =>
    new Client({
      number,
      webs: world.webs,
      definition,
      ledger,
      findings,
      random: seededRandom(`client ${seed} ${number}`),
      patienceMs: number % 2 === 0 ? PATIENCE_MS.patient : PATIENCE_MS.impatient,
      stop: stopClients.signal,
      giveUp: giveUp.signal,
    }).run(),
  )
  const [positions, figures] = [new Positions(), noFigures()]
  const readers = audiences(world.webs).map((webs, number) =>
    new Reader({
      webs,
      poll: definition.poll,
      positions,
      figures,
      findings,
      random: seededRandom(`reader ${seed} ${number}`),
      stop: stopReaders.signal,
    }).run(),
  )

  tell(`everything runs: ${clients.length} clients, ${readers.length} readers, ${plan.length} faults to come`)
  const { hits, missed } = await carryOut(plan, {
    targets: world.targets,
    lengthMs: minutes * 60_000,
    tell,
    onCalm: (since) => {
      positions.calmSince = since
    },
  })
  tell('healing')
  await world.started()
  stopClients.abort()
  await Promise.race([Promise.all(clients), sleep(RESOLVE_MS, undefined, { ref: false })])
  giveUp.abort()
  await Promise.all(clients)
  for (const { number, attempts } of ledger.unresolved)
    findings.add('never answered', `command ${number}: ${JSON.stringify(attempts.slice(-3))}`)
  tell('checking')
  const categories = definition.categories.map(({ id }) => id)
  const checked = await checkEverything(world, ledger, categories, definition.poll, findings)
  stopReaders.abort()
  await Promise.all(readers)

  const report: Report = {
    seed,
    minutes,
    log,
    commands: {
      sent: ledger.commands.length,
      acknowledged: ledger.acknowledged,
      byKind: countBy(ledger.commands.map(({ kind }) => kind)),
      requests: ledger.attempts,
      refusedClearly: ledger.refused,
      notSent: ledger.notSent,
      unknownRequests: ledger.unknown,
      resolvedByRepeating: ledger.resolved,
      frozen: ledger.frozen,
      unresolved: ledger.unresolved.length,
      longestMs: Math.round(ledger.longestCommandMs),
      longestRequestMs: Math.round(ledger.longestAttemptMs),
      readBack: ledger.readBack,
    },
    readers: {
      ...figures,
      longestAnswerMs: Math.round(figures.longestAnswerMs),
      longestWithoutMs: Math.round(figures.longestWithoutMs),
      positionsChecked: positions.checked,
      behindAnotherProcess: positions.behindAnother,
    },
    faults: {
      hits: hits.length,
      missed,
      byKind: countBy(hits.map(({ kind }) => kind)),
      byTarget: countBy(hits.map(({ target }) => target)),
      couldNotStart: countBy(endedByThemselves.filter((each) => !each.wasReady).map(({ name }) => name)),
    },
    caughtUpMs: checked.caughtUpMs === undefined ? undefined : Math.round(checked.caughtUpMs),
    verified: checked.verified,
    findings: findings.told,
    findingCounts: findings.counts,
  }
  return { report, plan, ledger }
}

/** Two readers of each process, and two that ask in turns. */
const audiences = (webs: readonly Web[]): (readonly Web[])[] => [
  ...webs.flatMap((web) => [[web], [web]]),
  webs,
  webs,
]

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
