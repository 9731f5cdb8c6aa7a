/** given (what happened) · when (a command) · then (what follows): the language of every decider's tests. */
import { expect } from 'vitest'
import type { Decision, Rejection } from '../../src/commands/decider.ts'
import type { DomainEvent } from '../../src/events/domain-events.ts'

export interface Decider<Command, State> {
  readonly decide: (command: Command, state: State) => Decision
  readonly evolve: (state: State, event: DomainEvent) => State
  readonly initial: State
}

export interface Then<State> {
  /** Exactly these events follow. @returns the state after them */
  thenEvents(...events: readonly DomainEvent[]): State
  /** It is accepted, but it is already so. */
  thenNothingHappens(): void
  /** It is refused, with at least these details. */
  thenRejected(rejection: Partial<Rejection> & Pick<Rejection, 'code'>): void
}

/** Runs a decider on past events; checks as well that it changes nothing that it is given. */
export const deciderSpecification =
  <Command, State>({ decide, evolve, initial }: Decider<Command, State>) =>
  (...past: readonly DomainEvent[]) => ({
    when: (command: Command): Then<State> => {
      const state = past.reduce(evolve, initial)
      const before = structuredClone({ command, state })
      const decision = decide(command, state)
      expect({ command, state }).toStrictEqual(before)
      return {
        thenEvents: (...events) => {
          expect(decision).toStrictEqual({ events })
          return events.reduce(evolve, state)
        },
        thenNothingHappens: () => expect(decision).toStrictEqual({ events: [] }),
        thenRejected: (rejection) => {
          expect(decision).toMatchObject({ rejection })
          expect(decision).not.toHaveProperty('events')
        },
      }
    },
  })
