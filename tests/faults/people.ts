/** Everybody who uses a service of which something is taken away: by the API, by the form, and looking at the results. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Allocation } from '../../src/events/submission-events.ts'
import { type Tier, tiers } from '../../src/queries/results.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import {
  type Clients,
  type Ledger,
  randomAllocation,
  startClients,
  sumsOf,
} from '../support/ledger-clients.ts'
import type { Member, World } from '../support/world/world.ts'
import { type ApiAnswer, ask, expectProblem, type SubmittedAnswer } from '../web/api-client.ts'
import { type Form, formIn, Person, words } from '../web/person.ts'
import { type Onlooker, onlooker, results } from './onlookers.ts'

const CLIENTS = 3
const THINK_MS = 60
/** Generous: other tests run beside this one. */
const SOON_MS = 30_000

const entries = { 'allocation[health]': '62', 'allocation[other]': ' 38 % ' }
const entered: Allocation = { health: 6200, other: 3800 }

/** What is sent once more until it is taken. */
interface Submission {
  readonly key: string
  readonly allocation: Allocation
}

/** The people at one web process. */
class Visitors {
  readonly #web: Member
  readonly #ledger: Ledger
  readonly #person: Person
  #form: Form
  /** Those who were refused. */
  readonly #waiting: (() => Promise<void>)[] = []

  private constructor(web: Member, ledger: Ledger, person: Person, form: Form) {
    this.#web = web
    this.#ledger = ledger
    this.#person = person
    this.#form = form
  }

  /** Has the form before them, while everything is well. */
  static async come(web: Member, ledger: Ledger): Promise<Visitors> {
    const person = new Person(web.url)
    return new Visitors(web, ledger, person, formIn((await person.get('/')).html))
  }

  /** @returns the position of the API's answer, which came last */
  async areTaken(): Promise<bigint> {
    await this.#sendForm(this.#form)
    this.#form = formIn((await this.#person.get('/')).html)
    return await this.#submit({ key: randomUUID(), allocation: randomAllocation() })
  }

  async areRefusedClearly(): Promise<void> {
    const submission = { key: randomUUID(), allocation: randomAllocation() }
    const [answer, page, fresh] = await Promise.all([
      this.#send(submission),
      this.#person.send(this.#form, entries),
      this.#person.get('/'),
    ])
    expectProblem(answer, 'EVENT_LOG_UNAVAILABLE')
    expect([page.status, fresh.status]).toEqual([503, 200])
    for (const { headers } of [answer, page]) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(words(page.html)).toContain('Nothing you entered is lost')
    expect(answer.text + page.html).not.toMatch(/ECONN|127\.0\.0\.1|\.ts\b/)
    const kept = formIn(page.html)
    expect(Object.fromEntries(kept.fields)).toMatchObject({
      ...entries,
      token: this.#form.fields.get('token'),
    })
    this.#waiting.push(
      async () => void (await this.#submit(submission)),
      () => this.#sendForm(kept),
    )
  }

  /** Who was refused sends the same again, by a button or with the same key. */
  async sendAgain(): Promise<void> {
    for (const again of this.#waiting.splice(0)) await eventually(again, SOON_MS)
  }

  #send({ key, allocation }: Submission): Promise<ApiAnswer> {
    const headers = { 'idempotency-key': key }
    return ask(`${this.#web.url}/api/polls/us-federal/submissions`, {
      method: 'POST',
      headers,
      json: { allocation },
    })
  }

  async #submit(submission: Submission): Promise<bigint> {
    const answer = await this.#send(submission)
    expect(answer.status, answer.text).toBe(201)
    const acknowledged = answer.json as SubmittedAnswer
    this.#ledger.acknowledged.set(acknowledged.submission, submission.allocation)
    return BigInt(acknowledged.position)
  }

  async #sendForm(form: Form): Promise<void> {
    const { status, location, html } = await this.#person.send(form, entries)
    expect(status, words(html)).toBe(303)
    this.#ledger.acknowledged.set(location!.split('/').at(-1)!, entered)
  }
}

export class People {
  readonly #world: World
  readonly #ledger: Ledger
  readonly #visitors: readonly Visitors[]
  readonly #clients: readonly Clients[]
  readonly #onlookers: readonly Onlooker[]

  private constructor(world: World, ledger: Ledger, visitors: readonly Visitors[]) {
    this.#world = world
    this.#ledger = ledger
    this.#visitors = visitors
    this.#onlookers = world.webs.map(onlooker)
    this.#clients = world.webs.map(({ url }) => startClients(url, CLIENTS, { ledger, thinkMs: THINK_MS }))
  }

  /** Some submit and some look, all the time; and some have the form before them. */
  static async gather(world: World, ledger: Ledger): Promise<People> {
    const visitors = await Promise.all(world.webs.map((web) => Visitors.come(web, ledger)))
    const people = new People(world, ledger, visitors)
    const enough = ledger.acknowledged.size + CLIENTS
    await eventually(() => {
      expect(ledger.acknowledged.size).toBeGreaterThan(enough)
      for (const { seen } of people.#onlookers) expect(seen.length).toBeGreaterThan(1)
    }, SOON_MS)
    return people
  }

  /** Submissions are accepted, each in turn. @returns the position of the last one */
  async submissionsAreTaken(): Promise<bigint> {
    let last = 0n
    for (const visitors of this.#visitors) last = await visitors.areTaken()
    return last
  }

  /** Submissions are refused with a 503 that keeps what was entered, and says when to try again. */
  async submissionsAreRefusedClearly(): Promise<void> {
    await Promise.all(this.#visitors.map((visitors) => visitors.areRefusedClearly()))
  }

  /** What is submitted now comes to be seen in every process. */
  async resultsGoOn(from: readonly Tier[] = tiers): Promise<void> {
    const position = await eventually(() => this.submissionsAreTaken(), SOON_MS)
    for (const { url } of this.#world.webs)
      await eventually(async () => {
        const seen = await results(url)
        expect(BigInt(seen.position)).toBeGreaterThanOrEqual(position)
        expect(from).toContain(seen.tier)
      }, SOON_MS)
  }

  /** Nothing of what is submitted now is seen: results are those of before, and say so. */
  async resultsStandStill(since: Date, from: readonly Tier[] = tiers): Promise<void> {
    const position = await this.submissionsAreTaken()
    for (const { url } of this.#world.webs)
      for (let asked = 0; asked < 5; asked++) {
        const seen = await results(url)
        expect(BigInt(seen.position)).toBeLessThan(position)
        expect(from).toContain(seen.tier)
        await this.#areMarked(url, since)
      }
  }

  /** The last results are served, marked with their time, by the API and on the page. */
  async lastResultsAreServed(since: Date): Promise<void> {
    for (const { url } of this.#world.webs) await this.#areMarked(url, since)
  }

  /** What was taken before comes in yet: until it has, the page may be newer than the answer before it. */
  async #areMarked(url: string, since: Date): Promise<void> {
    await eventually(async () => {
      const seen = await results(url)
      expect(Date.parse(seen.asOf)).toBeLessThanOrEqual(since.getTime())
      const page = await new Person(url).get('/results')
      expect(page.status).toBe(200)
      expect(page.html).toContain(`As of <time datetime="${seen.asOf}"`)
    }, SOON_MS)
  }

  /** Who was refused is taken now, and everybody goes home with an acknowledgement for all that they sent. */
  async goHome(): Promise<void> {
    for (const visitors of this.#visitors) await visitors.sendAgain()
    await Promise.all(this.#clients.map((clients) => clients.finish()))
    await Promise.all(this.#onlookers.map(({ leave }) => leave()))
    expect(this.#ledger.unexpected).toEqual([])
  }

  /** They leave at once: something has gone wrong. */
  async scatter(): Promise<void> {
    await Promise.all(this.#clients.map((clients) => clients.stop()))
    await Promise.allSettled(this.#onlookers.map(({ leave }) => leave()))
  }
}

/** Every process, from every tier, has counted each acknowledged submission exactly once, and nothing else. */
export async function expectEachCountedOnce({ webs, environment }: World, ledger: Ledger): Promise<void> {
  const headers = { authorization: `Bearer ${environment.OPERATOR_TOKEN}` }
  const expected = sumsOf(ledger)
  let first: object | undefined
  for (const { url } of webs)
    for (const asked of tiers)
      await eventually(async () => {
        const answer = await ask(`${url}/api/polls/us-federal/results?tier=${asked}`, { headers })
        expect(answer.status, answer.text).toBe(200)
        const { tier, ...view } = answer.json as ResultsView
        expect(tier).toBe(asked)
        expect(view).toMatchObject({ parked: 0, submissions: { counted: ledger.acknowledged.size } })
        expect(Object.fromEntries(view.categories.map(({ id, sum }) => [id, sum]))).toEqual(expected)
        first ??= view
        expect(view).toEqual(first)
      }, SOON_MS)
}
