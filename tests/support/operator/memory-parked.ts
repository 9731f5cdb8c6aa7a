import { Problem } from '../../../src/errors.ts'
import type { Position } from '../../../src/events/event-log.ts'
import type { ParkedEventState, ParkedEvents } from '../../../src/projections/parked-events.ts'

/** Parked events in memory: those in `cured` are applied by the next retry, others are parked anew. */
export class MemoryParked implements ParkedEvents {
  readonly cured = new Set<Position>()
  /** Who did what, in order. */
  readonly acts: string[] = []
  #events: ParkedEventState[] = []
  #retries = 0

  park(position: Position, error: string): void {
    const parkedAt = new Date(Date.parse('2026-11-23T09:00:00Z') + Number(position))
    const stream = 'submission-0b5a8c7e-3a52-4d0c-9d2f-0a9f3f8c1d11'
    this.#events.push({ position, poll: 'us-federal', stream, type: 'AllocationRevised', error, parkedAt })
  }

  async list(): Promise<readonly ParkedEventState[]> {
    return this.#events.toSorted((a, b) => Number(a.position - b.position))
  }

  async retry({
    by,
    positions = this.#events.map(({ position }) => position),
  }: {
    by: string
    positions?: readonly Position[]
  }) {
    for (const position of positions) this.#require(position)
    this.acts.push(`${by}: retry ${positions.join(' ')}`)
    const applied = positions.filter((position) => this.cured.has(position))
    this.#retries++
    const parkedAt = new Date(Date.parse('2026-11-23T11:00:00Z') + this.#retries * 1000)
    this.#events = this.#events
      .filter(({ position }) => !applied.includes(position))
      .map((event) => (positions.includes(event.position) ? { ...event, parkedAt } : event))
    return { applied, parked: this.#events.filter(({ position }) => positions.includes(position)) }
  }

  async skip(position: Position, { by, reason }: { by: string; reason: string }): Promise<void> {
    this.#require(position)
    this.#events = this.#events.filter((event) => event.position !== position)
    this.acts.push(`${by}: skip ${position} because ${reason}`)
  }

  #require(position: Position): void {
    if (!this.#events.some((event) => event.position === position))
      throw new Problem('PARKED_EVENT_NOT_FOUND', { detail: `Event ${position} is not parked.` })
  }
}
