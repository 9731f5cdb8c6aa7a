/** Works on what is being built, as the database says, until there is nothing left to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabasePool } from 'slonik'
import { Problem } from '../../errors.ts'
import type { EventLog } from '../../events/event-log.ts'
import { holdAdvisoryLock } from '../../postgres/advisory-lock.ts'
import type { BuildThread, VersionOf } from './build-jobs.ts'
import {
  type BuildRecord,
  discardedVersions,
  noteProgress,
  type Progress,
  readBuild,
} from './build-record.ts'
import { fill } from './fill.ts'
import type { PromotionOptions } from './promotion.ts'
import { promote } from './promotion.ts'
import { Rate } from './rate.ts'
import { type BuildableName, buildables } from './read-models.ts'
import { takeAway } from './room.ts'
import type { Verified } from './verify-version.ts'

export interface BuilderOptions extends Pick<PromotionOptions, 'pool' | 'follower' | 'positionsPerEvent'> {
  readonly log: Pick<EventLog, 'head'>
  readonly pool: DatabasePool
  readonly databaseUrl: string
  readonly startThread: () => BuildThread
  /** So many ranges are folded side by side. */
  readonly jobs: number
  readonly onEvent?: (event: BuilderEvent) => void
  readonly lookEveryMs?: number
  readonly rangeEvents?: number
}

/** What a builder tells of. */
export type BuilderEvent = VersionOf &
  (
    | { readonly what: 'taken up' | 'given back' | 'filled' | 'ready' | 'promoted' | 'taken away' }
    | { readonly what: 'differs'; readonly verified: Verified }
    | { readonly what: 'failed'; readonly error: Error; readonly final: boolean }
  )

const LOOK_EVERY_MS = 1000
/** A version that is ready is brought level so often. */
const LEVEL_EVERY_MS = 500
/** Failures without progress in between after which an operator is needed. */
const ATTEMPTS = 5
const ADVANCE_DEADLINE_MS = 600_000
/** A replay of the whole log. */
const VERIFY_DEADLINE_MS = 86_400_000

/** One version, of one read model, in the hands of the one who works on it. */
export class Builder {
  readonly #options: BuilderOptions
  readonly #projection: BuildableName
  #threads: readonly BuildThread[] = []
  #rate = new Rate()
  #failures = 0

  constructor(projection: BuildableName, options: BuilderOptions) {
    this.#projection = projection
    this.#options = options
  }

  /** Looks for something to do, and does it while no other process does, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { lookEveryMs = LOOK_EVERY_MS } = this.#options
    while (!signal.aborted) {
      await this.#lookAndWork(signal).catch((error: Error) => {
        if (!signal.aborted) this.#tell({ version: 0, what: 'failed', error, final: false })
      })
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
    }
    await this.#endThreads()
  }

  async #lookAndWork(signal: AbortSignal): Promise<void> {
    if (!(await this.#hasWork())) return await this.#endThreads()
    const { databaseUrl } = this.#options
    const held = await holdAdvisoryLock(databaseUrl, buildables[this.#projection].lock, signal)
    const active = AbortSignal.any([signal, held.lost])
    try {
      await this.#sweep(active)
      await this.#work(active)
    } finally {
      await this.#endThreads()
      await held.release()
    }
  }

  async #hasWork(): Promise<boolean> {
    const { pool } = this.#options
    if ((await discardedVersions(pool, this.#projection)).length > 0) return true
    return isWorkable(await readBuild(pool, this.#projection), this.#projection)
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { pool, databaseUrl } = this.#options
    for (const version of await discardedVersions(pool, this.#projection)) {
      await takeAway(pool, databaseUrl, { projection: this.#projection, version }, signal)
      this.#tell({ version, what: 'taken away' })
    }
  }

  /** One step after the other, each from what the database says then. */
  async #work(signal: AbortSignal): Promise<void> {
    let taken: number | undefined
    while (!signal.aborted) {
      const build = await readBuild(this.#options.pool, this.#projection)
      if (taken !== undefined && taken !== build?.version) return
      if (!isWorkable(build, this.#projection)) {
        if (taken !== undefined) this.#tell({ version: taken, what: 'given back' })
        return
      }
      if (taken === undefined) this.#tell({ version: build.version, what: 'taken up' })
      taken = build.version
      await this.#step(build, signal).catch((error: Error) => this.#failed(build, error, signal))
    }
  }

  async #step(build: BuildRecord, signal: AbortSignal): Promise<void> {
    const watch = this.#watch(build, signal)
    try {
      switch (build.phase) {
        case 'filling':
          return await this.#fill(build, watch.signal)
        case 'following':
          return await this.#follow(build, watch.signal)
        case 'verifying':
          return await this.#verify(build, watch.signal)
        case 'ready':
          return await this.#keepLevel(build, watch.signal)
        default:
          return build.phase satisfies never
      }
    } finally {
      watch.stop()
    }
  }

  /** A signal that aborts when the build is paused or given up, or the lock is lost; and everybody sees that it is worked on. */
  #watch({ version }: BuildRecord, signal: AbortSignal): { signal: AbortSignal; stop: () => void } {
    const { pool, lookEveryMs = LOOK_EVERY_MS } = this.#options
    const stop = new AbortController()
    const look = async () => {
      const build = await readBuild(pool, this.#projection)
      if (build?.version !== version || !isWorkable(build, this.#projection)) stop.abort(new GivenUp())
      else await this.#note(version, {})
    }
    const looking = setInterval(() => void look().catch(() => {}), lookEveryMs)
    return { signal: AbortSignal.any([signal, stop.signal]), stop: () => clearInterval(looking) }
  }

  /** The most of the log. What is missing then is less than what is worth doing side by side. */
  async #fill({ version, position: from }: BuildRecord, signal: AbortSignal): Promise<void> {
    const { positionsPerEvent, log } = this.#options
    const { rangeEvents = buildables[this.#projection].rangeEvents } = this.#options
    const [upTo, of] = [await log.head(), this.#of(version)]
    mustNotBeBehind(upTo, from)
    if (upTo - from <= BigInt(rangeEvents >> 1) * positionsPerEvent) {
      this.#tell({ version, what: 'filled' })
      await this.#note(version, { head: upTo, phase: 'following' })
      return
    }
    await this.#note(version, { head: upTo })
    await fill({
      ...{ threads: this.#start(), version: of, from, upTo, positionsPerEvent, rangeEvents, signal },
      onStored: async ({ events }) => {
        this.#failures = 0
        await this.#note(version, { events, rate: this.#rate.add(events) })
      },
    }).catch(async (error: unknown) => {
      // What was prepared and is not stored goes with its thread.
      await this.#endThreads()
      throw error
    })
  }

  /** Up to where the log ends now. Level is what was not far behind when it began. */
  async #follow({ version, position }: BuildRecord, signal: AbortSignal): Promise<void> {
    const { head, events } = await this.#advance(version, position, signal)
    const { rangeEvents = buildables[this.#projection].rangeEvents } = this.#options
    await this.#note(version, { ...(events < rangeEvents && { phase: 'verifying' }), head, events })
  }

  async #verify({ version }: BuildRecord, signal: AbortSignal): Promise<void> {
    const options = { deadlineMs: VERIFY_DEADLINE_MS, signal }
    const verified = await this.#start()[0]!.ask('verify', this.#of(version), options)
    if (verified.differences === 0) {
      await this.#note(version, { phase: 'ready' })
      this.#tell({ version, what: 'ready' })
      return
    }
    this.#tell({ version, what: 'differs', verified })
    await this.#note(version, { failed: true, error: describe(verified) })
  }

  async #keepLevel(
    { version, position, promote: wanted, startedBy }: BuildRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const { head, events } = await this.#advance(version, position, signal)
    await this.#note(version, { head, events })
    if (!wanted) return await sleep(LEVEL_EVERY_MS, undefined, { signal }).catch(() => {})
    await promote(this.#options, this.#projection, version, startedBy).catch((error: unknown) => {
      // An operator was first.
      if (!(error instanceof Problem && error.code === 'NO_BUILD')) throw error
    })
    this.#tell({ version, what: 'promoted' })
  }

  async #advance(version: number, position: bigint, signal: AbortSignal) {
    const upTo = await this.#options.log.head()
    mustNotBeBehind(upTo, position)
    if (upTo === position) return { head: upTo, events: 0 }
    const question = { ...this.#of(version), upTo }
    const { events } = await this.#start()[0]!.ask('advance', question, {
      deadlineMs: ADVANCE_DEADLINE_MS,
      signal,
    })
    if (events > 0) this.#failures = 0
    return { head: upTo, events }
  }

  async #failed({ version }: BuildRecord, error: Error, signal: AbortSignal): Promise<void> {
    await this.#endThreads()
    if (signal.aborted || error instanceof GivenUp) return
    // Whoever promotes brings it forward, too.
    if (error.name === 'CheckpointMoved')
      return await sleep(LEVEL_EVERY_MS, undefined, { signal }).catch(() => {})
    const final = ++this.#failures >= ATTEMPTS
    if (final) this.#failures = 0
    this.#tell({ version, what: 'failed', error, final })
    await this.#note(version, { error: error.message, failed: final })
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }

  #of(version: number): VersionOf {
    return { projection: this.#projection, version }
  }

  #note(version: number, progress: Progress): Promise<boolean> {
    return noteProgress(this.#options.pool, this.#of(version), progress)
  }

  #tell(event: { readonly version: number } & DistributiveOmit<BuilderEvent, keyof VersionOf>): void {
    this.#options.onEvent?.({ projection: this.#projection, ...event } as BuilderEvent)
  }

  #start(): readonly BuildThread[] {
    const { startThread, jobs } = this.#options
    if (this.#threads.length === 0) this.#threads = Array.from({ length: jobs }, startThread)
    return this.#threads
  }

  async #endThreads(): Promise<void> {
    const threads = this.#threads
    this.#threads = []
    await Promise.all(threads.map((thread) => thread.close()))
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** The build was paused, cancelled or promoted while it was worked on. */
class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

/** One that was begun by a program with another fold is for that one to build. */
function isWorkable(build: BuildRecord | undefined, projection: BuildableName): build is BuildRecord {
  return (
    build !== undefined &&
    !build.paused &&
    !build.failed &&
    build.foldVersion === buildables[projection].foldVersion
  )
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
