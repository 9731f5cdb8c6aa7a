/** What is done with a version that is being built, one step after the other. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabasePool } from 'slonik'
import { Problem } from '../../errors.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { BuildThread, VersionOf } from './build-jobs.ts'
import { type BuildRecord, noteProgress, type Progress } from './build-record.ts'
import { fill } from './fill.ts'
import { type PromotionOptions, promote } from './promotion.ts'
import { Rate } from './rate.ts'
import { type BuildableName, buildables } from './read-models.ts'
import type { Verified } from './verify-version.ts'

export interface StepsOptions extends PromotionOptions {
  readonly log: Pick<EventLog, 'head'>
  readonly pool: DatabasePool
  readonly startThread: () => BuildThread
  /** So many ranges are folded side by side. */
  readonly jobs: number
  /** Events in a range; what is usual for the read model if left out. */
  readonly rangeEvents?: number
  /** Does hard work when others of this process are done with theirs. */
  readonly inTurn?: <T>(work: () => Promise<T>) => Promise<T>
}

/** What a step tells of. */
export type StepEvent =
  | { readonly what: 'filled' | 'ready' | 'promoted' }
  | { readonly what: 'differs'; readonly verified: Verified }

/** A version that is ready is brought level so often. */
const LEVEL_EVERY_MS = 500
const ADVANCE_DEADLINE_MS = 600_000
/** Indexes of the whole table. */
const COMPLETE_DEADLINE_MS = 86_400_000
/** A replay of the whole log. */
const VERIFY_DEADLINE_MS = 86_400_000

export class BuildSteps {
  readonly #options: StepsOptions
  readonly #projection: BuildableName
  readonly #tell: (version: number, event: StepEvent) => void
  readonly #rate = new Rate()
  #threads: readonly BuildThread[] = []
  /** Told of everything that is stored. */
  onProgress: () => void = () => {}

  constructor(
    projection: BuildableName,
    options: StepsOptions,
    tell: (version: number, event: StepEvent) => void,
  ) {
    this.#projection = projection
    this.#options = options
    this.#tell = tell
  }

  /** Does what comes next, as the record has it, and notes what came of it. @throws the signal's reason, and whatever fails */
  async take(build: BuildRecord, signal: AbortSignal): Promise<void> {
    const inTurn = this.#options.inTurn ?? ((work) => work())
    switch (build.phase) {
      case 'filling':
        return await inTurn(() => this.#fill(build, signal))
      case 'following':
        return await this.#follow(build, signal)
      case 'verifying':
        return await inTurn(() => this.#verify(build, signal))
      case 'ready':
        return await this.#keepLevel(build, signal)
      default:
        return build.phase satisfies never
    }
  }

  async endThreads(): Promise<void> {
    const threads = this.#threads
    this.#threads = []
    await Promise.all(threads.map((thread) => thread.close()))
  }

  get #rangeEvents(): number {
    return this.#options.rangeEvents ?? buildables[this.#projection].rangeEvents
  }

  /** The most of the log. What is missing then is less than what is worth doing side by side. */
  async #fill({ version, position: from }: BuildRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { positionsPerEvent, log } = this.#options
    const [upTo, rangeEvents] = [await log.head(), this.#rangeEvents]
    mustNotBeBehind(upTo, from)
    if (upTo - from <= BigInt(rangeEvents >> 1) * positionsPerEvent) {
      const question = { ...this.#of(version), maxEvents: rangeEvents }
      await this.#start()[0]!.ask('complete', question, { deadlineMs: COMPLETE_DEADLINE_MS, signal })
      this.#tell(version, { what: 'filled' })
      return await this.#note(version, { head: upTo, phase: 'following' })
    }
    await this.#note(version, { head: upTo })
    const range = { version: this.#of(version), from, upTo, positionsPerEvent, rangeEvents }
    await fill({
      ...range,
      threads: this.#start(),
      signal,
      onStored: async ({ events }) => {
        this.onProgress()
        await this.#note(version, { events, rate: this.#rate.add(events) })
      },
    }).catch(async (error: unknown) => {
      // What was prepared and is not stored goes with its thread.
      await this.endThreads()
      throw error
    })
  }

  /** Up to where the log ends now. Level is what was not far behind when it began. */
  async #follow({ version, position }: BuildRecord, signal: AbortSignal): Promise<void> {
    const { head, events } = await this.#advance(version, position, signal)
    await this.#note(version, { ...(events < this.#rangeEvents && { phase: 'verifying' }), head, events })
  }

  async #verify({ version }: BuildRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const options = { deadlineMs: VERIFY_DEADLINE_MS, signal }
    const verified = await this.#start()[0]!.ask('verify', this.#of(version), options)
    if (verified.differences === 0) {
      await this.#note(version, { phase: 'ready' })
      return this.#tell(version, { what: 'ready' })
    }
    this.#tell(version, { what: 'differs', verified })
    await this.#note(version, { failed: true, error: describe(verified) })
  }

  async #keepLevel(build: BuildRecord, signal: AbortSignal): Promise<void> {
    const { version, position, promote: wanted, startedBy } = build
    const { head, events } = await this.#advance(version, position, signal)
    await this.#note(version, { head, events })
    if (!wanted) return await sleep(LEVEL_EVERY_MS, undefined, { signal }).catch(() => {})
    await promote(this.#options, this.#projection, version, startedBy).catch((error: unknown) => {
      // An operator was first.
      if (!(error instanceof Problem && error.code === 'NO_BUILD')) throw error
    })
    this.#tell(version, { what: 'promoted' })
  }

  async #advance(version: number, position: bigint, signal: AbortSignal) {
    const upTo = await this.#options.log.head()
    mustNotBeBehind(upTo, position)
    if (upTo === position) return { head: upTo, events: 0 }
    const question = { ...this.#of(version), upTo }
    const options = { deadlineMs: ADVANCE_DEADLINE_MS, signal }
    const { events } = await this.#start()[0]!.ask('advance', question, options)
    if (events > 0) this.onProgress()
    return { head: upTo, events }
  }

  #of(version: number): VersionOf {
    return { projection: this.#projection, version }
  }

  async #note(version: number, progress: Progress): Promise<void> {
    await noteProgress(this.#options.pool, this.#of(version), progress)
  }

  #start(): readonly BuildThread[] {
    const { startThread, jobs } = this.#options
    if (this.#threads.length === 0) this.#threads = Array.from({ length: jobs }, startThread)
    return this.#threads
  }
}

/** @throws if the log ends before the version that is made of it */
function mustNotBeBehind(head: bigint, position: bigint): void {
  if (head < position)
    throw new Error(
      `the event log ends at position ${head}, before position ${position} to which this version has come`,
    )
}

function describe({ position, differences, some }: Verified): string {
  const told = some
    .slice(0, 3)
    .map(({ poll, what, expected, actual }) => `${poll}: ${what} is ${actual}, not ${expected}`)
  return `${differences} differences from a replay at position ${position}: ${told.join('; ')}`
}
