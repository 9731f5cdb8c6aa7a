import type { ProcessState } from '../../../processes/process-state.ts'
import { bytes, since } from '../words.ts'
import { activeAs, processFigures } from './process-figures.ts'

/** A process as it is shown. */
export interface ProcessView {
  readonly id: string
  readonly roles: string
  readonly where: string
  readonly version: string
  /** What it does for all; empty for one that stands by. */
  readonly active: string
  readonly state: 'ready' | 'not ready' | 'gone'
  /** Why it is not ready, and what its parts tell. */
  readonly parts: readonly { readonly name: string; readonly ready: boolean; readonly detail: string }[]
  readonly facts: readonly { readonly label: string; readonly text: string }[]
}

/** @param now as which the times are told */
export const processViews = (processes: readonly ProcessState[], now: Date): ProcessView[] =>
  processes
    .filter((process) => isOfInterest(process, now))
    .map((process) => ({
      id: process.id,
      roles: process.roles.join(', '),
      where: `${process.host}, ${process.url}`,
      version: process.version,
      active: process.alive ? activeAs(process) : '',
      state: !process.alive ? 'gone' : process.readiness.ready ? 'ready' : 'not ready',
      // What a process that is gone last told of its parts says nothing.
      parts: (process.alive ? process.readiness.checks : []).map(({ role, name, ready, detail }) => ({
        name: `${role}: ${name}`,
        ready,
        detail: detail ?? (ready ? 'fine' : 'not ready'),
      })),
      facts: [
        { label: process.alive ? 'running for' : 'was heard of', text: runningFor(process, now) },
        { label: 'memory', text: bytes(process.memory) },
        ...processFigures(process),
      ],
    }))

/** One that ended without a word is told of for a while; then others do its work, or the doctor complains. */
const GONE_FOR_MS = 10 * 60_000

const isOfInterest = ({ alive, seenAt }: ProcessState, now: Date): boolean =>
  alive || now.getTime() - seenAt.getTime() < GONE_FOR_MS

const runningFor = ({ alive, startedAt, seenAt }: ProcessState, now: Date): string =>
  alive ? since(startedAt, now) : `${since(seenAt, now)} ago`

/** Of those that were heard of lately. */
export const summaryOf = (processes: readonly ProcessView[]): { ready: number; alive: number } => ({
  ready: processes.filter(({ state }) => state === 'ready').length,
  alive: processes.filter(({ state }) => state !== 'gone').length,
})
