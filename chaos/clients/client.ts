/** One person after the other at one device: submits, revises, withdraws, and repeats what had no answer. */
import { randomUUID } from 'node:crypto'
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Random } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import type { Findings } from '../findings.ts'
import type { Web } from '../world/world.ts'
import { type Asked, ask, type HttpAnswer, keptConnection, NoAnswer } from './ask.ts'
import { judgeRefusal } from './judge-refusal.ts'
import type { Command, CommandKind, Ledger, OwnSubmission } from './ledger.ts'

export interface ClientOptions {
  readonly number: number
  readonly webs: readonly Web[]
  readonly definition: PollDefinition
  readonly ledger: Ledger
  readonly findings: Findings
  readonly random: Random
  /** Goes away when there was no answer for so long. */
  readonly patienceMs: number
  /** No new commands when it aborts. */
  readonly stop: AbortSignal
  /** Not even repeats when it aborts. */
  readonly giveUp: AbortSignal
}

/** A web process that runs and says nothing for so long has failed, whatever else is away. */
const LONGEST_SILENCE_MS = 15_000
const THINK_MS = 40
const AFTER_REFUSAL_MS = 200
/** So many of its submissions a client still thinks of. */
const KEPT = 50
/** How often it looks whether what was acknowledged is there. */
const READS_BACK = 0.1

export class Client {
  readonly #options: ClientOptions
  readonly #connections = new Map<Web, Agent>()
  readonly #mine: OwnSubmission[] = []
  #web: Web

  constructor(options: ClientOptions) {
    this.#options = options
    this.#web = options.webs[options.number % options.webs.length]!
    for (const web of options.webs) this.#connections.set(web, keptConnection())
  }

  async run(): Promise<void> {
    const { stop, random } = this.#options
    while (!stop.aborted) {
      await this.#carryOut(this.#next())
      await sleep(2 * THINK_MS * random(), undefined, { signal: stop }).catch(() => {})
    }
    for (const agent of this.#connections.values()) agent.destroy()
  }

  #next(): Command {
    const { ledger, number: client, definition, random } = this.#options
    const roll = random()
    const kind: CommandKind =
      roll < 0.6 ? 'submit' : roll < 0.83 ? 'revise' : roll < 0.9 ? 'repeat' : 'withdraw'
    const submission = this.#mine.filter((mine) => mayBe(kind, mine))[Math.floor(random() * KEPT)]
    const allocation = simulateAllocation(definition, random)
    if (!submission) {
      const key = randomUUID()
      return ledger.open({ client, kind: 'submit', key, allocation, submission: undefined })
    }
    const { key } = submission
    switch (kind) {
      case 'revise':
        return ledger.open({ client, kind, key, allocation, submission })
      case 'repeat':
        return ledger.open({ client, kind, key, allocation: submission.first, submission })
      case 'submit':
      case 'withdraw':
        return ledger.open({ client, kind, key, allocation: undefined, submission })
      default:
        return kind satisfies never
    }
  }

  /** Sends it, and sends it again until it is known what became of it. */
  async #carryOut(command: Command): Promise<void> {
    const { ledger, giveUp, random } = this.#options
    while (!command.acknowledged && !giveUp.aborted) {
      const highest = ledger.highest
      const answer = await this.#attempt(command)
      if (answer && this.#understand(command, answer, highest)) break
      this.#web = this.#another()
      await sleep(AFTER_REFUSAL_MS * (0.5 + random()))
    }
    if (command.acknowledged && random() < READS_BACK) await this.#readBack(command)
  }

  /** @returns nothing if there was no answer */
  async #attempt(command: Command): Promise<HttpAnswer | undefined> {
    const { ledger, definition, patienceMs } = this.#options
    const web = this.#web
    const sentAt = performance.now()
    const lives = web.process.lives
    const note = (outcome: string) =>
      ledger.note(command, web.process.name, outcome, performance.now() - sentAt)
    try {
      const { path, ...asked } = requestFor(command, definition.poll)
      const answer = await this.#ask(web, path, { ...asked, timeoutMs: patienceMs })
      note(String(answer.status))
      return answer
    } catch (error) {
      if (error instanceof NoAnswer) this.#judgeSilence(command, web, sentAt, lives)
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') note('not sent')
      else {
        note(`unknown: ${(error as Error).message}`)
        this.#freeze(command)
      }
      return undefined
    }
  }

  /** What may have been sent may be carried out at any time from now on. */
  #freeze({ kind, submission }: Command): void {
    if (kind !== 'revise' || submission!.frozen) return
    submission!.frozen = true
    this.#options.ledger.frozen++
  }

  #ask(web: Web, path: string, asked: Asked): Promise<HttpAnswer> {
    return ask(this.#connections.get(web)!, `${web.url}${path}`, asked)
  }

  #judgeSilence(command: Command, web: Web, sentAt: number, lives: number): void {
    const { runningSince } = web.process
    if (runningSince === undefined || web.process.lives !== lives) return
    const silent = performance.now() - Math.max(sentAt, runningSince)
    if (silent >= LONGEST_SILENCE_MS - 50)
      this.#options.findings.add('silence', `${web.process.name} gave no answer to ${describe(command)}`)
  }

  /** @returns whether it is known now what became of the command */
  #understand(command: Command, answer: HttpAnswer, highest: bigint): boolean {
    const { ledger, findings } = this.#options
    if (answer.status === 200 || answer.status === 201) {
      const acknowledged = JSON.parse(answer.text) as Acknowledgement
      const changes = command.kind !== 'repeat' && !isSame(command)
      const wrong = this.#acknowledge(command, acknowledged)
      if (wrong) findings.add(`wrong answer: ${wrong}`, `${describe(command)}: ${answer.text.slice(0, 500)}`)
      const isFresh = command.attempts.length === 1 && changes
      if (isFresh && BigInt(acknowledged.position) <= highest)
        findings.add('out of order', `${describe(command)} at ${acknowledged.position}, after ${highest}`)
      ledger.acknowledge(command, acknowledged.position)
      return true
    }
    const refusal = judgeRefusal(answer)
    if ('unclear' in refusal) findings.add('unclear refusal', `${describe(command)}: ${refusal.unclear}`)
    else {
      ledger.refuse(refusal.code)
      this.#freeze(command)
      if (answer.status !== 503)
        findings.add(`refused for good: ${refusal.code}`, `${describe(command)}: ${answer.text}`)
    }
    return false
  }

  /** Writes down what was acknowledged. @returns what is wrong with it */
  #acknowledge(
    { kind, key, allocation, submission: known }: Command,
    answer: Acknowledgement,
  ): string | undefined {
    const { submission: id, receipt = '', position, status } = answer
    if (!known) {
      const submission: OwnSubmission = {
        key,
        id,
        receipt,
        position,
        first: allocation!,
        allocation: allocation!,
        status: 'counted',
        frozen: false,
      }
      this.#mine.push(submission)
      if (this.#mine.length > KEPT) this.#mine.shift()
      this.#options.ledger.submissions.push(submission)
      return undefined
    }
    if (id !== known.id) return 'another submission'
    switch (kind) {
      case 'submit':
        return undefined
      case 'repeat':
        return receipt === known.receipt && position === known.position ? undefined : 'not the first answer'
      case 'revise':
        known.allocation = allocation!
        return status === 'counted' && isDeepStrictEqual(answer.allocation, allocation)
          ? undefined
          : 'not as revised'
      case 'withdraw':
        known.status = 'withdrawn'
        return status === 'withdrawn' ? undefined : 'not withdrawn'
      default:
        return kind satisfies never
    }
  }

  /** What was acknowledged is seen by whoever reads it later, through any process. */
  async #readBack(command: Command): Promise<void> {
    const { ledger, findings, webs, random, patienceMs } = this.#options
    const mine = this.#mine.find(({ key }) => key === command.key)
    if (!mine) return
    const web = webs[Math.floor(random() * webs.length)]!
    try {
      const answer = await this.#ask(web, `/api/submissions/${mine.id}`, { timeoutMs: patienceMs })
      if (answer.status === 200) {
        ledger.readBack++
        const { status, allocation } = JSON.parse(answer.text) as Acknowledgement
        if (status !== mine.status || !isDeepStrictEqual(allocation, mine.allocation))
          findings.add('acknowledged, and not there', `${describe(command)}: ${answer.text.slice(0, 500)}`)
        return
      }
      const refusal = judgeRefusal(answer)
      if ('unclear' in refusal) findings.add('unclear refusal', `reading ${mine.id}: ${refusal.unclear}`)
      else if (answer.status === 404) findings.add('acknowledged, and not there', describe(command))
      else ledger.refuse(refusal.code)
    } catch {
      // A process that was hit: the next reader finds it.
    }
  }

  #another(): Web {
    const { webs, random } = this.#options
    const others = webs.filter((web) => web !== this.#web)
    return others[Math.floor(random() * others.length)] ?? this.#web
  }
}

interface Acknowledgement {
  readonly submission: string
  readonly receipt?: string
  readonly position: string
  readonly status?: string
  readonly allocation?: Allocation
}

/** Whether a command of this kind may be about this submission. */
function mayBe(kind: CommandKind, { status, frozen }: OwnSubmission): boolean {
  if (kind === 'submit') return false
  return kind === 'repeat' || (status === 'counted' && (kind === 'withdraw' || !frozen))
}

/** A revision to what it is already: nothing happens. */
const isSame = ({ kind, allocation, submission }: Command): boolean =>
  kind === 'revise' && isDeepStrictEqual(allocation, submission?.allocation)

function requestFor({ kind, key, allocation, submission }: Command, poll: string) {
  const own = { path: `/api/submissions/${submission?.id}`, headers: { receipt: submission?.receipt ?? '' } }
  switch (kind) {
    case 'submit':
    case 'repeat':
      return {
        path: `/api/polls/${poll}/submissions`,
        method: 'POST',
        headers: { 'idempotency-key': key },
        json: { allocation },
      }
    case 'revise':
      return { ...own, method: 'PUT', json: { allocation } }
    case 'withdraw':
      return { ...own, method: 'DELETE' }
    default:
      return kind satisfies never
  }
}

const describe = ({ number, kind, key, attempts }: Command): string =>
  `${kind} ${number} (key ${key}, attempt ${attempts.length})`
