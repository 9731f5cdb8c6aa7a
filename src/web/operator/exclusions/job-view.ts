import type { ExclusionAct } from './exclusion-form.ts'
import { filterWords } from './filter-words.ts'
import type { Job } from './jobs.ts'
import { type EffectView, effectView } from './preview-view.ts'

export interface JobView {
  readonly id: string
  readonly at: Date
  readonly act: ExclusionAct
  readonly poll: string
  readonly filter: readonly string[]
  readonly by: string
  readonly startedAt: Date
  readonly status: Job['state']['status']
  readonly progress: { readonly done: number; readonly of: number } | undefined
  readonly effect: EffectView | undefined
  readonly because: string | undefined
  /** Told to screen readers when it changes. */
  readonly summary: string
}

const summaries = {
  running: 'It is under way.',
  done: 'It is done.',
  stopped: 'It was stopped.',
  failed: 'It failed.',
} as const

export const jobView = ({ id, asked, by, startedAt, state }: Job, at: Date): JobView => ({
  ...{ id, at, by, startedAt, act: asked.act, poll: asked.filter.poll },
  filter: filterWords(asked.filter),
  status: state.status,
  progress: state.status === 'running' || state.status === 'stopped' ? state : undefined,
  effect: state.status === 'done' ? effectView(state.effect) : undefined,
  because: state.status === 'failed' ? state.because : undefined,
  summary: summaries[state.status],
})
