import { excludeSubmission } from '../commands/exclude-submission.ts'
import type { ExclusionEffect, ExclusionFilter, Exclusions } from '../commands/exclusions.ts'
import type { CommandContext, Handled } from '../commands/handler.ts'
import { reinstateSubmission } from '../commands/reinstate-submission.ts'
import type { SubmissionState } from '../commands/submission-state.ts'
import { Problem } from '../errors.ts'
import type { ExclusionReason } from '../events/submission-events.ts'
import { eachAtOnce } from './each-at-once.ts'
import { readFilter } from './exclusion-filter.ts'
import { changedPoll, type ExclusionAct, numbersOf, Sum } from './exclusion-numbers.ts'
import { type Selection, type Selections, stateOf } from './selections.ts'

export interface OperatorsExclusionsOptions {
  readonly commands: CommandContext
  readonly selections: Selections
}

interface ActOptions {
  readonly by: string
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, of: number) => void
}

/** So many acts are under way at once: the log commits them together. */
const AT_ONCE = 100
const EXAMPLES = 100

/** Each submission is decided on by itself, as it is then: whoever is stopped asks for the same again, and the rest is done. */
export class OperatorsExclusions implements Exclusions {
  readonly #commands: CommandContext
  readonly #selections: Selections

  constructor({ commands, selections }: OperatorsExclusionsOptions) {
    this.#commands = commands
    this.#selections = selections
  }

  async preview(
    act: ExclusionAct,
    filter: ExclusionFilter,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ExclusionEffect> {
    const selection = await this.#selections.find(readFilter(filter), signal)
    const { poll, ids, counted, excluded, withdrawn } = selection
    const [changing, already] = act === 'exclude' ? [counted, excluded] : [excluded, counted]
    return {
      found: ids.size,
      changed: changing.count,
      already: already.count,
      withdrawn,
      examples: await this.#examples(act, selection, changing.count),
      before: numbersOf(poll),
      after: numbersOf(changedPoll(poll, act, changing)),
    }
  }

  exclude(
    filter: ExclusionFilter,
    { reason, by, ...options }: ActOptions & { readonly reason: ExclusionReason },
  ): Promise<ExclusionEffect> {
    const one = (id: string) => excludeSubmission(this.#commands, id, { reason, by })
    return this.#actOnAll('exclude', filter, one, options)
  }

  reinstate(filter: ExclusionFilter, { by, ...options }: ActOptions): Promise<ExclusionEffect> {
    return this.#actOnAll('reinstate', filter, (id) => reinstateSubmission(this.#commands, id, by), options)
  }

  async #actOnAll(
    act: ExclusionAct,
    filter: ExclusionFilter,
    one: (id: string) => Promise<Handled<SubmissionState>>,
    { signal, onProgress }: Pick<ActOptions, 'signal' | 'onProgress'>,
  ): Promise<ExclusionEffect> {
    const { poll, ids } = await this.#selections.find(readFilter(filter), signal)
    const [sum, examples] = [new Sum(poll), [] as string[]]
    let [done, already, withdrawn] = [0, 0, 0]
    await eachAtOnce(ids.slice(), AT_ONCE, signal, async (id) => {
      const outcome = await one(id).catch(unlessWithdrawn)
      if (!outcome) withdrawn++
      else if (!outcome.changed) already++
      else if (outcome.state.status !== 'none') {
        sum.add(outcome.state.allocation)
        if (examples.length < EXAMPLES) examples.push(id)
      }
      onProgress?.(++done, ids.size)
    })
    return {
      ...{ found: ids.size, changed: sum.count, already, withdrawn, examples },
      before: numbersOf(poll),
      after: numbersOf(changedPoll(poll, act, sum)),
    }
  }

  /** Some of those that would change. */
  async #examples(act: ExclusionAct, { ids }: Selection, changing: number): Promise<string[]> {
    const examples: string[] = []
    const wanted = act === 'exclude' ? 'counted' : 'excluded'
    for (const id of ids.slice()) {
      if (examples.length >= Math.min(EXAMPLES, changing)) break
      if ((await stateOf(this.#commands.log, id)).status === wanted) examples.push(id)
    }
    return examples
  }
}

function unlessWithdrawn(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'SUBMISSION_WITHDRAWN') return undefined
  throw error
}
