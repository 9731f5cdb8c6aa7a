/** One thing that was looked at: what should be, and what is. */
export interface CheckResult {
  /** `redis: latency`, say. */
  readonly name: string
  readonly status: 'fine' | 'warning' | 'failed'
  readonly expected: string
  readonly actual: string
  /** What to do about it, if it is not fine. */
  readonly advice?: string
}

/** How often a check belongs to the standing checklist; `always` is part of every one. */
export type Routine = 'always' | 'daily' | 'weekly' | 'monthly'

export interface Doctor {
  /** Looks at everything of a routine, several things at once; never throws: a check that fails says so. */
  examine(routine: Routine, signal: AbortSignal): AsyncIterable<CheckResult>
}
