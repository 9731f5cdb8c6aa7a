import type { CastSubmission } from '../../commands/submission-state.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import { submissionLink } from './links.ts'

interface Slice {
  readonly label: string
  readonly colour: string
  readonly share: number
  /** Left end of the slice in a bar that is 100 % wide. */
  readonly x: string
  readonly width: string
}

/** One remembered submission; without `known` it cannot be read at the moment. */
interface HistoryEntry {
  readonly href: string
  readonly known?: {
    readonly title: string
    readonly status: CastSubmission['status']
    readonly submittedAt: string
    readonly slices: readonly Slice[]
  }
}

/** The submissions that this device remembers, newest first. */
export interface HistoryView {
  readonly entries: readonly HistoryEntry[]
}

export function historyEntry(
  submission: string,
  known?: { definition: PollDefinition; state: CastSubmission },
): HistoryEntry {
  const href = submissionLink(submission)
  if (!known) return { href }
  const { title, categories } = known.definition
  const { status, submittedAt, allocation } = known.state
  let before = 0
  const slices = categories.map(({ id, label, colour }): Slice => {
    const share = allocation[id] ?? 0
    const slice = { label, colour, share, x: `${before / 100}%`, width: `${share / 100}%` }
    before += share
    return slice
  })
  return { href, known: { title, status, submittedAt, slices: slices.filter(({ share }) => share > 0) } }
}
