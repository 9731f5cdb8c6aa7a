import type { CastSubmission } from '../../commands/submission-state.ts'
import type { PollPage } from './poll-page.ts'

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
    /** Language of the poll's texts. */
    readonly lang: string
    /** Undefined while it counts. */
    readonly status: string | undefined
    readonly submittedAt: string
    readonly slices: readonly Slice[]
    /** The slices in words. */
    readonly shares: readonly string[]
  }
}

/** The submissions that this device remembers, newest first. */
export interface HistoryView {
  readonly entries: readonly HistoryEntry[]
  /** Where to send the wish to forget them. */
  readonly forget: string
  readonly token: string
}

export function historyEntry(
  href: string,
  known?: { readonly page: PollPage; readonly state: CastSubmission },
): HistoryEntry {
  if (!known) return { href }
  const { definition, lang, locale } = known.page
  const { status, submittedAt, allocation } = known.state
  const slices = slicesOf(definition, allocation)
  return {
    href,
    known: {
      ...{ title: definition.title, lang, submittedAt, slices },
      status: status === 'counted' ? undefined : locale.words.history.status[status],
      shares: slices.map(({ label, share }) => `${label} ${locale.format.percent(share)}`),
    },
  }
}

function slicesOf({ categories }: PollPage['definition'], allocation: CastSubmission['allocation']): Slice[] {
  let before = 0
  const slices = categories.map(({ id, label, colour }): Slice => {
    const share = allocation[id] ?? 0
    const slice = { label, colour, share, x: `${before / 100}%`, width: `${share / 100}%` }
    before += share
    return slice
  })
  return slices.filter(({ share }) => share > 0)
}
