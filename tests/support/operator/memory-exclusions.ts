import type {
  ExclusionEffect,
  ExclusionFilter,
  ExclusionNumbers,
  Exclusions,
} from '../../../src/commands/exclusions.ts'
import { Problem } from '../../../src/errors.ts'
import type { PollDefinition } from '../../../src/events/poll-events.ts'
import type { Allocation, ExclusionReason, Via } from '../../../src/events/submission-events.ts'
import { tally } from '../../../src/projections/category-aggregate.ts'
import { openedPoll } from '../../../src/projections/poll-aggregate.ts'
import { pollStatistics } from '../../../src/queries/statistics.ts'

interface Submission {
  readonly id: string
  readonly submittedAt: string
  readonly via: Via
  readonly allocation: Allocation
  excluded: boolean
}

type Act = 'exclude' | 'reinstate'
interface Options {
  readonly by: string
  readonly reason?: ExclusionReason
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, of: number) => void
}

/** Submissions of one poll in memory. Its numbers are computed as the real ones are. */
export class MemoryExclusions implements Exclusions {
  readonly submissions: Submission[] = []
  /** Who did what, in order. */
  readonly acts: string[] = []
  /** Awaited before every single submission: a test can hold the work up. */
  gate: (done: number) => Promise<void> = async () => {}
  readonly #poll: PollDefinition

  constructor(poll: PollDefinition) {
    this.#poll = poll
  }

  async preview(act: Act, filter: ExclusionFilter): Promise<ExclusionEffect> {
    const found = this.#found(filter)
    const changed = found.filter(({ excluded }) => excluded === (act === 'reinstate'))
    const ids = new Set(changed.map(({ id }) => id))
    const after = this.submissions.map((one) =>
      ids.has(one.id) ? { ...one, excluded: act === 'exclude' } : one,
    )
    return {
      found: found.length,
      changed: changed.length,
      examples: changed.slice(0, 100).map(({ id }) => id),
      before: this.#numbers(this.submissions),
      after: this.#numbers(after),
    }
  }

  exclude = (filter: ExclusionFilter, options: Options) => this.#do('exclude', filter, options)
  reinstate = (filter: ExclusionFilter, options: Options) => this.#do('reinstate', filter, options)

  async #do(act: Act, filter: ExclusionFilter, { by, reason, signal, onProgress }: Options) {
    const effect = await this.preview(act, filter)
    const changing = this.#found(filter).filter(({ excluded }) => excluded === (act === 'reinstate'))
    this.acts.push(`${by}: ${act} ${changing.length}${reason ? ` as ${reason}` : ''}`)
    for (const [done, submission] of changing.entries()) {
      onProgress?.(done, changing.length)
      await this.gate(done)
      signal?.throwIfAborted()
      submission.excluded = act === 'exclude'
    }
    return effect
  }

  #found({ poll, submissions, from, to, via, repeated }: ExclusionFilter): Submission[] {
    if (poll !== this.#poll.poll)
      throw new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
    const meant = this.submissions.filter(
      (one) =>
        (!submissions || submissions.includes(one.id)) &&
        (!from || one.submittedAt >= from) &&
        (!to || one.submittedAt < to) &&
        (!via || one.via === via),
    )
    if (!repeated) return meant
    const isOfBurst = ({ allocation, submittedAt }: Submission) => {
      const at = Date.parse(submittedAt)
      const near = meant.filter(
        (other) =>
          JSON.stringify(other.allocation) === JSON.stringify(allocation) &&
          Math.abs(Date.parse(other.submittedAt) - at) <= repeated.minutes * 60_000,
      )
      return near.length > repeated.times
    }
    return meant.filter(isOfBurst)
  }

  #numbers(submissions: readonly Submission[]): ExclusionNumbers {
    const aggregate = openedPoll(this.#poll, 1n, '2026-11-23T10:00:00.000Z')
    for (const { allocation, excluded } of submissions) {
      if (excluded) aggregate.excluded++
      else {
        aggregate.counted++
        for (const [i, { id }] of this.#poll.categories.entries())
          tally(aggregate.categories[i]!, allocation[id] ?? 0, 1)
      }
    }
    const { categories, truthful } = pollStatistics(aggregate)
    return {
      counted: aggregate.counted,
      excluded: aggregate.excluded,
      categories: this.#poll.categories.map(({ id, label }, i) => ({
        ...{ id, label, mean: categories[i]!.mean, median: categories[i]!.median },
        truthful: truthful?.shares[i] ?? null,
      })),
    }
  }
}
