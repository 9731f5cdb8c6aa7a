import type { Step } from './deployment.ts'

/** A step that has no steps of its own, with those that it is part of in its name. */
interface Leaf {
  readonly label: string
  readonly status: string
  readonly reason: string | undefined
  /** Undefined: it has not ended. */
  readonly seconds: number | undefined
}

export const leavesOf = (steps: readonly Step[], above = ''): Leaf[] =>
  steps.flatMap((step) => {
    const own = [step.message_base ?? step.name, step.component_name].filter(Boolean).join(' ')
    const label = above === '' ? own : `${above} › ${own}`
    if (step.steps && step.steps.length > 0) return leavesOf(step.steps, label)
    const [began, ended] = [step.started_at, step.ended_at].map((time) => Date.parse(time ?? ''))
    const seconds = Math.round((ended! - began!) / 1000)
    const reason = [step.reason?.code, step.reason?.message].filter(Boolean).join(': ')
    return [
      {
        label,
        status: step.status ?? 'UNKNOWN',
        reason: reason === '' ? undefined : reason,
        seconds: seconds >= 0 ? seconds : undefined,
      },
    ]
  })
