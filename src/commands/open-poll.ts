import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import { type PollDefinition, pollStream } from '../events/poll-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { evolvePoll, noPoll, type PollState } from './poll-state.ts'

export interface OpenPoll {
  readonly definition: PollDefinition
  readonly occurredAt: string
}

/** Characters that are not seen and turn the text that follows them round, so that it reads otherwise than it is. */
const TURNS_TEXT = /[\u202a-\u202e\u2066-\u2069]/u

/** Asked of new polls alone: those of the past stay as they are. */
function turningText({ title, categories, baselines }: PollDefinition): FieldError[] {
  const texts = [
    ['title', title],
    ...categories.flatMap(({ label, description }, index) => [
      [`categories.${index}.label`, label],
      [`categories.${index}.description`, description],
    ]),
    ...baselines.flatMap(({ label, source, note = '' }, index) => [
      [`baselines.${index}.label`, label],
      [`baselines.${index}.source`, source],
      [`baselines.${index}.note`, note],
    ]),
  ] as const
  return texts
    .filter(([, text]) => TURNS_TEXT.test(text!))
    .map(([field]) => ({
      field: field!,
      code: 'invalid',
      message: `${field} has an invisible character that changes the direction of the text: take it out.`,
    }))
}

/** Opens a new poll. The same definition again changes nothing; another one under the same name is refused. */
export function decideOpenPoll({ definition, occurredAt }: OpenPoll, state: PollState): Decision {
  const errors = turningText(definition)
  if (state.status === 'none' && errors.length > 0)
    return reject('INVALID_REQUEST', { detail: errors.map(({ message }) => message).join(' '), errors })
  if (state.status === 'none') return accept({ type: 'PollOpened', data: { ...definition, occurredAt } })
  if (isDeepStrictEqual(state.definition, definition)) return accept()
  return reject('POLL_EXISTS', {
    detail: `The poll ${definition.poll} exists with another question or other categories: a new question needs a new name.`,
  })
}

/** The same context for what an operator does whose event has no room for a label: it stands beside the data. */
export const signedContext = <Context extends CommandContext>(context: Context, by: string): Context => ({
  ...context,
  metadata: { ...context.metadata, operator: by },
})

/** @throws {Problem} POLL_EXISTS, INVALID_REQUEST, EVENT_LOG_UNAVAILABLE */
export const openPoll = (
  context: CommandContext,
  definition: PollDefinition,
  occurredAt = context.now().toISOString(),
): Promise<Handled<PollState>> =>
  handle(context, pollStream(definition.poll), { evolve: evolvePoll, initial: noPoll }, (state) =>
    decideOpenPoll({ definition, occurredAt }, state),
  )
