/** Somebody who looks at the results again and again. */
import { createHash } from 'node:crypto'
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/cli/simulate/random.ts'
import type { ProblemCode } from '../../src/errors.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import type { Member } from '../../tests/support/world/world.ts'
import type { Findings } from '../findings.ts'
import { ask, type HttpAnswer, keptConnection, NoAnswer } from './ask.ts'
import { judgeRefusal } from './judge-refusal.ts'
import type { Mark, Positions } from './positions.ts'

export interface ReaderOptions {
  /** One, or several to ask in turns. */
  readonly webs: readonly Member[]
  readonly poll: string
  readonly positions: Positions
  readonly figures: ReaderFigures
  readonly findings: Findings
  readonly random: Random
  readonly stop: AbortSignal
}

/** Of all readers together. */
export interface ReaderFigures {
  asked: number
  answered: number
  byTier: Record<string, number>
  refused: Partial<Record<ProblemCode, number>>
  /** Connections that broke, mostly of processes that were killed. */
  broken: number
  /** Of a process that was there all the time. */
  longestAnswerMs: number
  /** Between two answers that one reader got. */
  longestWithoutMs: number
}

export const noFigures = (): ReaderFigures => ({
  asked: 0,
  answered: 0,
  byTier: {},
  refused: {},
  broken: 0,
  longestAnswerMs: 0,
  longestWithoutMs: 0,
})

const PAUSE_MS = 60
const PATIENCE_MS = 15_000
/** How often the answer is asked for only if it has changed. */
const CONDITIONAL = 0.3

export class Reader {
  readonly #options: ReaderOptions
  readonly #connections = new Map<Member, Agent>()
  #etag: string | undefined
  #answeredAt = performance.now()

  constructor(options: ReaderOptions) {
    this.#options = options
    for (const web of options.webs) this.#connections.set(web, keptConnection())
  }

  async run(): Promise<void> {
    const { stop, webs, random } = this.#options
    for (let turn = 0; !stop.aborted; turn++) {
      await this.#look(webs[turn % webs.length]!)
      await sleep(2 * PAUSE_MS * random(), undefined, { signal: stop }).catch(() => {})
    }
    for (const agent of this.#connections.values()) agent.destroy()
  }

  async #look(web: Member): Promise<void> {
    const { positions, poll, random, figures, findings } = this.#options
    const { name, lives: life } = web.process
    const conditional = this.#etag !== undefined && random() < CONDITIONAL
    const headers: Record<string, string> = conditional ? { 'if-none-match': this.#etag! } : {}
    const mark = positions.mark(name, life, performance.now())
    const asked = { headers, timeoutMs: PATIENCE_MS }
    figures.asked++
    let answer: HttpAnswer
    try {
      answer = await ask(this.#connections.get(web)!, `${web.url}/api/polls/${poll}/results`, asked)
    } catch (error) {
      figures.broken++
      if (error instanceof NoAnswer && this.#wasThere(web, life, mark.at))
        findings.add('silence', `${name} gave no results within ${PATIENCE_MS} ms`)
      return
    }
    if (this.#wasThere(web, life, mark.at))
      figures.longestAnswerMs = Math.max(figures.longestAnswerMs, performance.now() - mark.at)
    // Whoever answered may have been started anew since the question was put: then it is no news of either life.
    if (web.process.lives !== life) return
    if (answer.status !== 200 && answer.status !== 304) return this.#refused(web, mark, answer)
    const now = performance.now()
    figures.answered++
    figures.longestWithoutMs = Math.max(figures.longestWithoutMs, now - this.#answeredAt)
    this.#answeredAt = now
    this.#etag = answer.headers.etag
    const wrong = positions.check({ web: name, life, ...this.#read(answer) }, mark, now)
    if (wrong) findings.add('results went back, or differ', wrong)
  }

  #wasThere({ process }: Member, life: number, since: number): boolean {
    return process.lives === life && process.runningSince !== undefined && process.runningSince <= since
  }

  #read({ status, headers, text }: HttpAnswer): { position: bigint; tier: string; digest: string } {
    const told = /^[a-z]+/.exec(String(headers['server-timing'] ?? ''))?.[0] ?? ''
    if (status === 304)
      return { position: BigInt(/\d+/.exec(headers.etag ?? '')![0]), tier: told, digest: '' }
    const { tier, ...view } = JSON.parse(text) as ResultsView
    this.#options.figures.byTier[tier] = (this.#options.figures.byTier[tier] ?? 0) + 1
    const digest = createHash('sha1').update(JSON.stringify(view)).digest('base64')
    return { position: BigInt(view.position), tier, digest }
  }

  #refused({ process }: Member, mark: Mark, answer: HttpAnswer): void {
    const { figures, findings } = this.#options
    const refusal = judgeRefusal(answer)
    if ('unclear' in refusal) {
      findings.add('unclear refusal', `${process.name}: ${refusal.unclear}`)
      return
    }
    figures.refused[refusal.code] = (figures.refused[refusal.code] ?? 0) + 1
    // Served before this was asked, that is: answers to later questions may overtake a refusal.
    if (mark.ofLife >= 0n)
      findings.add('results were served, and then refused', `${process.name}: ${refusal.code}`)
  }
}
