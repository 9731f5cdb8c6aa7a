import { DeadlineExceeded, withDeadline } from '../deadline.ts'
import type { CheckResult, Doctor, Routine } from './check.ts'
import { failed } from './words.ts'

/** Something to look at, alone or together with what belongs to it. */
export interface Check {
  readonly name: string
  /** `always` is part of every routine. */
  readonly routine: Routine
  /** Nobody waits longer, milliseconds; a few seconds if left out. */
  readonly deadlineMs?: number
  readonly look: (signal: AbortSignal) => Promise<CheckResult | readonly CheckResult[]>
}

const DEADLINE_MS = 15_000
/** So many at once: looking must not be a load. */
const AT_ONCE = 4

/** Goes through checks, several at once, and tells what was found in their order. */
export class Checklist implements Doctor {
  readonly #checks: readonly Check[]

  constructor(checks: readonly Check[]) {
    this.#checks = checks
  }

  async *examine(routine: Routine, signal: AbortSignal): AsyncGenerator<CheckResult> {
    const chosen = this.#checks.filter((check) => check.routine === 'always' || check.routine === routine)
    const waiting = chosen.map((check) => ({ check, ...Promise.withResolvers<readonly CheckResult[]>() }))
    let next = 0
    const work = async () => {
      for (let each = waiting[next++]; each && !signal.aborted; each = waiting[next++])
        each.resolve(await carryOut(each.check, signal))
    }
    for (let worker = 0; worker < AT_ONCE; worker++) void work()
    const aborted = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined)
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    for (const { promise } of waiting) {
      const results = await Promise.race([promise, aborted])
      if (!results || signal.aborted) return
      yield* results
    }
  }
}

/** Never throws: what goes wrong is what was found. */
async function carryOut(check: Check, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const { name, deadlineMs = DEADLINE_MS, look } = check
  const late = new AbortController()
  try {
    const looking = look(AbortSignal.any([signal, late.signal]))
    return [await withDeadline(deadlineMs, name, looking)].flat()
  } catch (error) {
    const silent = error instanceof DeadlineExceeded
    const expected = silent ? `an answer within ${deadlineMs / 1000} s` : 'can be looked at'
    const actual = silent ? 'no answer: it is silent' : firstLine(error)
    return [
      failed({ name, expected, actual }, 'See what the other checks say of the servers, and look again.'),
    ]
  } finally {
    late.abort()
  }
}

const firstLine = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0]! : String(error)
