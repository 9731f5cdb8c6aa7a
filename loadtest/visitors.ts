/** What those who come do, and what they are told. */
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { type Asked, ask, type HttpAnswer } from '../chaos/clients/ask.ts'
import type { Random } from '../src/cli/simulate/random.ts'
import { simulateAllocation } from '../src/cli/simulate/simulate-allocation.ts'
import { PollDefinition } from '../src/events/poll-events.ts'
import type { Allocation } from '../src/events/submission-events.ts'
import type { Kind } from './targets.ts'

/** Whoever waits longer goes away. */
const PATIENCE_MS = 20_000
/** More connections than this a test of one machine does not need: whoever finds none waits, and that is counted. */
const MOST_CONNECTIONS = 1000

interface VisitorsOptions {
  /** Whoever waits longer goes away, milliseconds. */
  readonly patienceMs?: number
  readonly connections?: number
}

/** The service does not say what it should. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

export interface Submitted {
  readonly id: string
  readonly allocation: Allocation
}

export class Visitors {
  readonly #url: string
  readonly #definition: PollDefinition
  readonly #random: Random
  readonly #agent: Agent
  readonly #patienceMs: number
  /** Everything that was acknowledged. */
  readonly submitted: Submitted[] = []
  /** Submissions of which nobody knows whether they were taken. */
  unknown = 0

  private constructor(
    url: string,
    definition: PollDefinition,
    random: Random,
    agent: Agent,
    patienceMs: number,
  ) {
    this.#patienceMs = patienceMs
    this.#url = url
    this.#definition = definition
    this.#random = random
    this.#agent = agent
  }

  /** @throws {WrongAnswer} there is no such poll */
  static async open(
    url: string,
    poll: string,
    random: Random,
    { patienceMs = PATIENCE_MS, connections = MOST_CONNECTIONS }: VisitorsOptions = {},
  ): Promise<Visitors> {
    const options = { keepAlive: true, maxSockets: connections }
    const agent = url.startsWith('https:') ? new SecureAgent(options) : new Agent(options)
    const { status, text } = await ask(agent, `${url}/api/polls/${poll}`, { timeoutMs: patienceMs })
    const parsed = status === 200 ? PollDefinition.safeParse(JSON.parse(text)) : undefined
    if (!parsed?.success)
      throw new WrongAnswer(`${url} gives no definition of the poll ${poll}: it answers ${status}`)
    return new Visitors(url, parsed.data, random, agent, patienceMs)
  }

  /** One visit. @throws {WrongAnswer} and whatever breaks the connection */
  async visit(kind: Kind, key: string): Promise<void> {
    const { poll } = this.#definition
    switch (kind) {
      case 'home':
        return void (await this.#get(`/polls/${poll}`))
      case 'results':
        // People and programs, half and half.
        return void (await this.#get(
          this.#random() < 0.5 ? `/polls/${poll}/results` : `/api/polls/${poll}/results`,
        ))
      case 'individual':
        return void (await this.#get(`/submissions/${this.#someSubmission()}`))
      case 'submission':
        return await this.submit(key)
      default:
        return kind satisfies never
    }
  }

  async submit(key: string): Promise<void> {
    const { poll } = this.#definition
    const allocation = simulateAllocation(this.#definition, this.#random)
    const headers = { 'idempotency-key': key }
    let answer: HttpAnswer
    try {
      answer = await this.#ask(`/api/polls/${poll}/submissions`, {
        method: 'POST',
        json: { allocation },
        headers,
      })
    } catch (error) {
      this.unknown++
      throw error
    }
    if (answer.status !== 201) {
      if (answer.status >= 500) this.unknown++
      throw new WrongAnswer(`a submission is answered ${answer.status}`)
    }
    this.submitted.push({ id: (JSON.parse(answer.text) as { submission: string }).submission, allocation })
  }

  /** How many submissions the results count. */
  async counted(): Promise<number> {
    const text = await this.#get(`/api/polls/${this.#definition.poll}/results`)
    return (JSON.parse(text) as { submissions: { counted: number } }).submissions.counted
  }

  /** What is stored of a submission. */
  async stored(id: string): Promise<{ status: string; allocation: Allocation }> {
    return JSON.parse(await this.#get(`/api/submissions/${id}`)) as { status: string; allocation: Allocation }
  }

  close(): void {
    this.#agent.destroy()
  }

  #someSubmission(): string {
    const { submitted } = this
    return submitted[Math.floor(this.#random() * submitted.length)]!.id
  }

  async #get(path: string): Promise<string> {
    const { status, text } = await this.#ask(path, {})
    if (status !== 200) throw new WrongAnswer(`${path.replace(/[0-9a-f-]{36}/, '…')} is answered ${status}`)
    return text
  }

  #ask(path: string, asked: Omit<Asked, 'timeoutMs'>): Promise<HttpAnswer> {
    return ask(this.#agent, `${this.#url}${path}`, { ...asked, timeoutMs: this.#patienceMs })
  }
}
