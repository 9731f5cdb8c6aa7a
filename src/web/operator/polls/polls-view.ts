import type { PollDefinition } from '../../../events/poll-events.ts'
import type { PollSummary } from '../../../queries/results.ts'

interface PollRow {
  readonly poll: string
  readonly title: string
  readonly status: 'open' | 'closed'
  readonly categories: number
  readonly form: string
  readonly results: string
  readonly act: { readonly href: string; readonly label: string }
}

export interface PollsView {
  readonly polls: readonly PollRow[]
  /** What was pasted, with its mistakes. */
  readonly text: string
  readonly errors: readonly string[]
}

/** A poll that can be opened. */
export interface CheckedPollView {
  readonly definition: PollDefinition
  /** In one line, to be sent again. */
  readonly text: string
  /** Whether there is one of this name already. */
  readonly isKnown: boolean
  readonly seen: string
}

export const pollsView = (
  polls: readonly PollSummary[],
  { text = '', errors = [] }: { text?: string; errors?: readonly string[] } = {},
): PollsView => ({
  polls: polls.map(({ definition, status }) => ({
    poll: definition.poll,
    title: definition.title,
    status,
    categories: definition.categories.length,
    form: `/polls/${definition.poll}`,
    results: `/polls/${definition.poll}/results`,
    act:
      status === 'open'
        ? { href: `/operator/polls/${definition.poll}/close`, label: 'Close' }
        : { href: `/operator/polls/${definition.poll}/reopen`, label: 'Reopen' },
  })),
  text,
  errors,
})
