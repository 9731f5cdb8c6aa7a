import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision } from '../commands/decider.ts'
import { accepted, append, type CommandContext, load, readStream } from '../commands/handler.ts'
import { evolveParkedEvent, type ParkedEventActs } from '../commands/parked-event-state.ts'
import { decideRetryEvent } from '../commands/retry-event.ts'
import { decideSkipEvent } from '../commands/skip-event.ts'
import { Problem } from '../errors.ts'
import { decode } from '../events/domain-events.ts'
import { type Position, type RecordedEvent, WrongExpectedRevision } from '../events/event-log.ts'
import { parkedStream, SkipReason } from '../events/operator-events.ts'
import type { ParkedEventState, ParkedEvents } from '../projections/parked-events.ts'
import type { ProjectionStore } from '../projections/projection-store.ts'

export interface OperatorsParkedEventsOptions {
  readonly commands: CommandContext
  readonly store: Pick<ProjectionStore, 'parked' | 'checkpoint'>
  /** How long the projector may take to come to an act, milliseconds. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 25

/** A parked event as it stands in the log, and what follows in its stream. */
interface Found {
  readonly parked: RecordedEvent
  readonly later: readonly RecordedEvent[]
}

/**
 * Operators' acts go through the log, one stream for each parked event: of two operators at once one is first, and the
 * other looks again before anything is decided.
 */
export class OperatorsParkedEvents implements ParkedEvents {
  readonly #commands: CommandContext
  readonly #store: OperatorsParkedEventsOptions['store']
  readonly #patienceMs: number

  constructor({ commands, store, patienceMs = PATIENCE_MS }: OperatorsParkedEventsOptions) {
    this.#commands = commands
    this.#store = store
    this.#patienceMs = patienceMs
  }

  async list(): Promise<readonly ParkedEventState[]> {
    return await this.#store.parked().catch(unreadable)
  }

  async retry({ by, positions }: { by: string; positions?: readonly Position[] }) {
    const all = await this.list()
    let waiting = all.filter(({ position }) => positions?.includes(position) ?? true)
    const missing = positions?.find((position) => !all.some((each) => each.position === position))
    if (missing !== undefined) throw notFound(missing)
    const asked = waiting.map(({ position }) => position)
    const unreadable = new Map<Position, string>()
    let still: readonly ParkedEventState[] = []
    // One that fits now may be what another was waiting for.
    for (let applied = true; applied && waiting.length > 0; ) {
      for (const [position, error] of await this.#retryOnce(waiting, by, positions !== undefined))
        unreadable.set(position, error)
      const left = new Map((await this.list()).map((each) => [each.position, each]))
      applied = waiting.some(({ position }) => !left.has(position))
      still = asked.flatMap((position) => {
        const parked = left.get(position)
        return parked ? { ...parked, error: unreadable.get(position) ?? parked.error } : []
      })
      waiting = still.filter(({ position }) => !unreadable.has(position))
    }
    const parked = new Set(still.map(({ position }) => position))
    return { applied: asked.filter((position) => !parked.has(position)), parked: still }
  }

  async skip(position: Position, { by, reason }: { by: string; reason: string }): Promise<void> {
    const known = SkipReason.safeParse(reason)
    if (!known.success) throw badReason()
    const decide = ({ parked }: Found, state: ParkedEventActs, occurredAt: string) =>
      decideSkipEvent({ parked, reason: known.data, by, occurredAt }, state)
    await this.#projected(await this.#act(position, decide))
  }

  /**
   * Tries each once, in the order of the log, and waits for what comes of it.
   * @returns why some of them cannot be read
   */
  async #retryOnce(
    waiting: readonly ParkedEventState[],
    by: string,
    each: boolean,
  ): Promise<ReadonlyMap<Position, string>> {
    const unreadable = new Map<Position, string>()
    let last = 0n
    for (const { position } of waiting) {
      const decide = (found: Found, state: ParkedEventActs, occurredAt: string) => {
        const error = whyUnreadable(found.parked)
        if (error !== undefined) unreadable.set(position, error)
        return decideRetryEvent({ ...found, by, occurredAt }, state)
      }
      try {
        last = await this.#act(position, decide)
      } catch (error) {
        // Of all, some may be gone before their turn has come: somebody else was there.
        if (each || !(error instanceof Problem && error.code === 'PARKED_EVENT_NOT_FOUND')) throw error
      }
    }
    await this.#projected(last)
    return unreadable
  }

  /** Decides on what is true of the event at the moment of the append. @returns where the act stands */
  async #act(
    position: Position,
    decide: (found: Found, state: ParkedEventActs, occurredAt: string) => Decision,
  ): Promise<Position> {
    const { log, now, newId } = this.#commands
    const stream = parkedStream(position)
    const seed = newId()
    for (;;) {
      const { state, revision, position: acted } = await load(log, stream, evolveParkedEvent, 'none')
      await this.#projected(acted)
      const [waits] = await this.#store.parked(position).catch(unreadable)
      if (!waits) throw notFound(position)
      const found = await this.#find(waits)
      const events = accepted(decide(found, state, now().toISOString()))
      try {
        const outcome = await append(this.#commands, stream, events, { expectedRevision: revision, seed })
        return outcome.position
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error
      }
    }
  }

  async #find({ stream, position }: ParkedEventState): Promise<Found> {
    const events = await readStream(this.#commands.log, stream)
    const parked = events.find((event) => event.position === position)
    if (!parked) throw new Error(`there is no event ${position} in the stream ${stream}`)
    return { parked, later: events.filter((event) => event.position > position) }
  }

  /** Waits until the projector has passed a position. @throws {Problem} RESULTS_UNAVAILABLE */
  async #projected(position: Position): Promise<void> {
    const until = performance.now() + this.#patienceMs
    for (;;) {
      const checkpoint = await this.#store.checkpoint().catch(unreadable)
      if (checkpoint >= position) return
      if (performance.now() > until)
        throw new Problem('RESULTS_UNAVAILABLE', {
          detail: `It is recorded at position ${position}, but the results stand still at ${checkpoint}: no projector runs.`,
          retryAfter: 5,
        })
      await sleep(LOOK_EVERY_MS)
    }
  }
}

function whyUnreadable(event: RecordedEvent): string | undefined {
  try {
    decode(event)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const notFound = (position: Position): Problem =>
  new Problem('PARKED_EVENT_NOT_FOUND', {
    detail: `The event at position ${position} is not parked, or not any more.`,
  })

function badReason(): Problem {
  const message = `reason must be one of ${SkipReason.options.join(', ')}.`
  return new Problem('INVALID_REQUEST', {
    detail: message,
    errors: [{ field: 'reason', code: 'unknown', message }],
  })
}

const unreadable = (cause: unknown): never => {
  throw new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })
}
