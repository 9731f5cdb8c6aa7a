/** What every command handler shares: load, fold, decide, append with the expected revision, try a lost race again. */
import { Problem } from '../errors.ts'
import { type DomainEvent, decode, schemaVersionOf } from '../events/domain-events.ts'
import {
  type AppendOutcome,
  type EventLog,
  EventLogUnavailable,
  type NewEvent,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  START,
  WrongExpectedRevision,
} from '../events/event-log.ts'
import type { Decision } from './decider.ts'
import { nameBasedUuid, namespaceOf } from './name-based-uuid.ts'

/** What command handlers need from outside. */
export interface CommandContext {
  readonly log: EventLog
  /** The present time. */
  readonly now: () => Date
  /** A fresh random UUID. */
  readonly newId: () => string
  /** Kept with every event that the command appends: which trace it belongs to. It decides nothing. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A stream read to its end. */
export interface Loaded<State> {
  readonly state: State
  readonly revision: number
  readonly position: Position
  readonly events: readonly RecordedEvent[]
}

/** A stream as it stands in the log. @throws {Problem} EVENT_LOG_UNAVAILABLE */
export const readStream = (
  log: Pick<EventLog, 'readStream'>,
  stream: string,
): Promise<readonly RecordedEvent[]> => log.readStream(stream).catch(unavailable)

/** Folds one stream. @throws {Problem} EVENT_LOG_UNAVAILABLE */
export async function load<State>(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  evolve: (state: State, event: DomainEvent) => State,
  initial: State,
): Promise<Loaded<State>> {
  const events = await readStream(log, stream)
  const last = events.at(-1)
  return {
    state: events.reduce((state, event) => evolve(state, decode(event)), initial),
    revision: last?.revision ?? NO_STREAM,
    position: last?.position ?? START,
    events,
  }
}

/** Appends decided events; their ids follow from `seed`, so the same command sent again is known as a repeat. */
export async function append(
  { log, metadata }: Pick<CommandContext, 'log' | 'metadata'>,
  stream: string,
  events: readonly DomainEvent[],
  { expectedRevision, seed }: AppendOptions,
): Promise<AppendOutcome> {
  const stored = events.map(
    (event, index): NewEvent => ({
      id: nameBasedUuid(EVENT_NAMESPACE, `${stream}/${seed}/${index}`),
      type: event.type,
      schemaVersion: schemaVersionOf(event.type),
      data: event.data,
      ...(metadata && { metadata }),
    }),
  )
  return await log.append(stream, stored, expectedRevision).catch(unavailable)
}

export interface AppendOptions {
  readonly expectedRevision: number
  /** Tells one command from another on the same stream. */
  readonly seed: string
}

/** Namespace of event ids, a random UUID fixed once. */
const EVENT_NAMESPACE = namespaceOf('5f0a6f0e-9d0c-4c39-8a39-0f4e8f6f2a11')

/** Of rivals on one stream one wins each time, so twenty-five at once all get through. */
const MAX_ATTEMPTS = 25

/** The state after a command, and where its last event stands. */
export interface Handled<State> {
  readonly state: State
  readonly position: Position
  /** Whether it was not so already. */
  readonly changed: boolean
}

/**
 * Loads `stream`, decides, appends, and starts over when somebody else was faster.
 * @throws {Problem} the rejection, SUBMISSION_CHANGED after 25 lost races, EVENT_LOG_UNAVAILABLE
 */
export async function handle<State>(
  context: CommandContext,
  stream: string,
  fold: { evolve: (state: State, event: DomainEvent) => State; initial: State },
  decide: (state: State) => Decision,
): Promise<Handled<State>> {
  const seed = context.newId()
  for (let attempt = 1; ; attempt++) {
    const { state, revision, position } = await load(context.log, stream, fold.evolve, fold.initial)
    const events = accepted(decide(state))
    if (events.length === 0) return { state, position, changed: false }
    try {
      const outcome = await append(context, stream, events, { expectedRevision: revision, seed })
      return { state: events.reduce(fold.evolve, state), position: outcome.position, changed: true }
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
      if (attempt === MAX_ATTEMPTS) throw new Problem('SUBMISSION_CHANGED', { cause: error })
    }
  }
}

/** The decided events. @throws {Problem} the rejection */
export function accepted(decision: Decision): readonly DomainEvent[] {
  if ('events' in decision) return decision.events
  const { code, ...details } = decision.rejection
  throw new Problem(code, details)
}

function unavailable(error: unknown): never {
  if (error instanceof EventLogUnavailable)
    throw new Problem('EVENT_LOG_UNAVAILABLE', {
      detail:
        'Nothing that was acknowledged is lost. Please try again in a moment: the same again counts once.',
      retryAfter: 5,
      cause: error,
    })
  throw error
}
