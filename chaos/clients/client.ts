/** One person after the other at one device: submits, revises, withdraws, and repeats what had no answer. */
import { randomUUID } from 'node:crypto'
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Random } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import type { Member } from '../../tests/support/world/world.ts'
import type { Findings } from '../findings.ts'
import { type Acknowledgement, acknowledge, newSubmission, parse } from './acknowledgement.ts'
import { type Asked, ask, type HttpAnswer, keptConnection, NoAnswer } from './ask.ts'
import { judgeRefusal } from './judge-refusal.ts'
import type { Command, CommandKind, Ledger, OwnSubmission } from './ledger.ts'
import { describe, isSame, mayBe, requestFor } from './requests.ts'

export interface ClientOptions {
  readonly number: number
  readonly webs: readonly Member[]
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
  readonly #connections = new Map<Member, Agent>()
  readonly #mine: OwnSubmission[] = []
  #web: Member

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
      if (answer && this.#understand(command, answer, highest) !== 'not now') break
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

  #ask(web: Member, path: string, asked: Asked): Promise<HttpAnswer> {
    return ask(this.#connections.get(web)!, `${web.url}${path}`, asked)
  }

  #judgeSilence(command: Command, web: Member, sentAt: number, lives: number): void {
    const { runningSince } = web.process
    if (runningSince === undefined || web.process.lives !== lives) return
    const silent = performance.now() - Math.max(sentAt, runningSince)
    if (silent >= LONGEST_SILENCE_MS - 50)
      this.#options.findings.add('silence', `${web.process.name} gave no answer to ${describe(command)}`)
  }

  #understand(command: Command, answer: HttpAnswer, highest: bigint): 'done' | 'never' | 'not now' {
    const { ledger, findings } = this.#options
    if (answer.status === 200 || answer.status === 201) {
      const acknowledged = parse(answer)
      if (!acknowledged) {
        findings.add('unclear answer', `${describe(command)}: ${answer.status} ${answer.text.slice(0, 300)}`)
        return 'not now'
      }
      const changes = command.kind !== 'repeat' && !isSame(command)
      const wrong = acknowledge(
        command,
        command.submission ?? this.#keep(command, acknowledged),
        acknowledged,
      )
      if (wrong) findings.add(`wrong answer: ${wrong}`, `${describe(command)}: ${answer.text.slice(0, 500)}`)
      const isFresh = command.attempts.length === 1 && changes
      if (isFresh && BigInt(acknowledged.position) <= highest)
        findings.add('out of order', `${describe(command)} at ${acknowledged.position}, after ${highest}`)
      ledger.acknowledge(command, acknowledged.position)
      return 'done'
    }
    const refusal = judgeRefusal(answer)
    this.#freeze(command)
    if ('unclear' in refusal) findings.add('unclear refusal', `${describe(command)}: ${refusal.unclear}`)
    else ledger.refuse(refusal.code)
    if (answer.status >= 500) return 'not now'
    // Every command is right, so nothing but time may stand in its way.
    findings.add('refused for good', `${describe(command)}: ${answer.text.slice(0, 300)}`)
    return 'never'
  }

  #keep(command: Command, acknowledged: Acknowledgement): OwnSubmission {
    const submission = newSubmission(command, acknowledged)
    this.#mine.push(submission)
    if (this.#mine.length > KEPT) this.#mine.shift()
    this.#options.ledger.submissions.push(submission)
    return submission
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
        // What is withdrawn is not shown any more.
        const shown = mine.status === 'withdrawn' ? null : mine.allocation
        if (status !== mine.status || !isDeepStrictEqual(allocation, shown))
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

  #another(): Member {
    const { webs, random } = this.#options
    const others = webs.filter((web) => web !== this.#web)
    return others[Math.floor(random() * others.length)] ?? this.#web
  }
}
