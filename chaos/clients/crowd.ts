/** Everybody who uses the service during a run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import type { Member } from '../../tests/support/world/world.ts'
import type { Findings } from '../findings.ts'
import { Client } from './client.ts'
import { Ledger } from './ledger.ts'
import { Positions } from './positions.ts'
import { noFigures, Reader } from './reader.ts'

export interface CrowdOptions {
  readonly webs: readonly Member[]
  readonly definition: PollDefinition
  readonly clients: number
  readonly seed: string
  readonly findings: Findings
}

/** Some wait for long, others go away soon and try elsewhere while their first try may still be carried out. */
const PATIENCE_MS = { patient: 16_000, impatient: 2500 }
/** For repeating what had no answer, once everybody is there again. */
const RESOLVE_MS = 60_000

export class Crowd {
  readonly ledger = new Ledger()
  readonly positions = new Positions()
  readonly figures = noFigures()
  readonly #findings: Findings
  readonly #stopClients = new AbortController()
  readonly #giveUp = new AbortController()
  readonly #stopReaders = new AbortController()
  readonly #clients: Promise<unknown>
  readonly #readers: Promise<unknown>

  constructor({ webs, definition, clients, seed, findings }: CrowdOptions) {
    const { ledger, positions, figures } = this
    this.#findings = findings
    const [stop, giveUp] = [this.#stopClients.signal, this.#giveUp.signal]
    this.#clients = Promise.all(
      Array.from({ length: clients }, (_, number) => {
        const patienceMs = number % 2 === 0 ? PATIENCE_MS.patient : PATIENCE_MS.impatient
        const random = seededRandom(`client ${seed} ${number}`)
        const common = { number, webs, definition, ledger, findings, random }
        return new Client({ ...common, patienceMs, stop, giveUp }).run()
      }),
    )
    this.#readers = Promise.all(
      audiences(webs).map((webs, number) => {
        const random = seededRandom(`reader ${seed} ${number}`)
        const common = { webs, poll: definition.poll, positions, figures, findings, random }
        return new Reader({ ...common, stop: this.#stopReaders.signal }).run()
      }),
    )
  }

  /** No more commands; those under way are repeated until it is known what became of them. */
  async resolve(): Promise<void> {
    this.#stopClients.abort()
    const late = new AbortController()
    await Promise.race([this.#clients, sleep(RESOLVE_MS, undefined, late).catch(() => {})])
    late.abort()
    this.#giveUp.abort()
    await this.#clients
    for (const { number, attempts } of this.ledger.unresolved)
      this.#findings.add('never answered', `command ${number}: ${JSON.stringify(attempts.slice(-3))}`)
  }

  /** Nobody asks for anything any more. */
  stop(): void {
    for (const each of [this.#stopClients, this.#giveUp, this.#stopReaders]) each.abort()
  }

  /** Everybody has gone. */
  async gone(): Promise<void> {
    this.stop()
    await Promise.all([this.#clients, this.#readers])
  }
}

/** Two readers of each process, and two that ask in turns. */
const audiences = (webs: readonly Member[]): (readonly Member[])[] => [
  ...webs.flatMap((web) => [[web], [web]]),
  webs,
  webs,
]
