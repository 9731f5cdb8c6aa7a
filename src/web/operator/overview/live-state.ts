import type { Position } from '../../../events/event-log.ts'
import type { ProcessState } from '../../../processes/process-state.ts'
import type { ProjectionVersion } from '../../../projections/builds/projection-operations.ts'
import type { ParkedEventState } from '../../../projections/parked-events.ts'
import type { OperatorContext } from '../context.ts'
import { type Told, told } from './told.ts'

/** How things stand. */
export interface LiveState {
  readonly at: Date
  readonly versions: Told<readonly ProjectionVersion[]>
  readonly head: Told<Position>
  readonly processes: Told<readonly ProcessState[]>
  readonly parked: Told<readonly ParkedEventState[]>
}

/** Several pages that refresh themselves, and the samples of the charts, ask as often as one. */
const SHARED_MS = 500

/** Asks for the state of everything, once for all who want it at a time. */
export class LiveStates {
  readonly #context: OperatorContext
  readonly #now: () => Date
  #shared: { readonly at: number; readonly state: Promise<LiveState> } | undefined

  constructor(context: OperatorContext, now: () => Date) {
    this.#context = context
    this.#now = now
  }

  /** As it is now: somebody may just have acted. */
  fresh(): Promise<LiveState> {
    this.#shared = undefined
    return this.get()
  }

  /** As it was half a second ago at most. */
  get(): Promise<LiveState> {
    const at = performance.now()
    if (!this.#shared || at - this.#shared.at > SHARED_MS) this.#shared = { at, state: this.#ask() }
    return this.#shared.state
  }

  async #ask(): Promise<LiveState> {
    const { projections, log, processes, parked } = this.#context
    const at = this.#now()
    // The log's end after the positions: nothing is ever ahead of it then.
    const versions = told('the list of projections', () => projections.list())
    const head = versions.then(() => told('the event log', () => log.head()))
    const answers = await Promise.all([
      versions,
      head,
      told('the list of processes', () => processes.list()),
      told('the parked events', () => parked.list()),
    ])
    return { at, versions: answers[0], head: answers[1], processes: answers[2], parked: answers[3] }
  }
}

/** How many events lie between two positions; about, where positions are not numbered one by one. */
export function eventsBetween(from: Position, to: Position, positionsPerEvent: bigint): number {
  const between = to > from ? to - from : 0n
  // The last event of all is one, however short.
  return Number((between + positionsPerEvent - 1n) / positionsPerEvent)
}
