/** Works on what is being built, as the database says, until there is nothing left to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import { holdAdvisoryLock } from '../../postgres/advisory-lock.ts'
import type { VersionOf } from './build-jobs.ts'
import { type BuildRecord, discardedVersions, noteProgress, readBuild } from './build-record.ts'
import { BuildSteps, type StepEvent, type StepsOptions } from './build-steps.ts'
import { type BuildableName, buildables } from './read-models.ts'
import { takeAway } from './room.ts'

export interface BuilderOptions extends StepsOptions {
  readonly databaseUrl: string
  readonly onEvent?: (event: BuilderEvent) => void
  readonly lookEveryMs?: number
}

type TellingOf =
  | StepEvent
  | { readonly what: 'taken up' | 'given back' | 'taken away' }
  /** Final: it is not tried again by itself. */
  | { readonly what: 'failed'; readonly error: Error; readonly final: boolean }

/** What a builder tells of. */
export type BuilderEvent = VersionOf & TellingOf

const LOOK_EVERY_MS = 1000
/** Failures without progress in between after which an operator is needed. */
const ATTEMPTS = 5

/** Builds one read model: any number of processes have one of these, and one of them works at a time. */
export class Builder {
  readonly #options: BuilderOptions
  readonly #projection: BuildableName
  readonly #steps: BuildSteps
  #failures = 0

  constructor(projection: BuildableName, options: BuilderOptions) {
    this.#projection = projection
    this.#options = options
    this.#steps = new BuildSteps(projection, options, (version, event) => this.#tell(version, event))
    this.#steps.onProgress = () => {
      this.#failures = 0
    }
  }

  /** Looks for something to do, and does it while no other process does, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#lookAndWork(signal).catch((error: Error) => {
        if (!signal.aborted) this.#tell(0, { what: 'failed', error, final: false })
      })
      await this.#rest(signal)
    }
    await this.#steps.endThreads()
  }

  async #lookAndWork(signal: AbortSignal): Promise<void> {
    if (!(await this.#hasWork())) return
    const { databaseUrl } = this.#options
    const held = await holdAdvisoryLock(databaseUrl, buildables[this.#projection].lock, signal)
    const active = AbortSignal.any([signal, held.lost])
    try {
      await this.#work(active)
    } finally {
      await this.#steps.endThreads()
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
      this.#tell(version, { what: 'taken away' })
    }
  }

  /** One step after the other, each from what the database says then. */
  async #work(signal: AbortSignal): Promise<void> {
    let taken: number | undefined
    while (!signal.aborted) {
      // Between any two steps: a version that is ready is kept level for as long as nobody promotes it.
      await this.#sweep(signal)
      const build = await readBuild(this.#options.pool, this.#projection)
      if (taken !== undefined && taken !== build?.version) return
      if (!isWorkable(build, this.#projection)) {
        if (taken !== undefined) this.#tell(taken, { what: 'given back' })
        return
      }
      if (taken === undefined) this.#tell(build.version, { what: 'taken up' })
      taken = build.version
      const watch = this.#watch(build, signal)
      await this.#steps
        .take(build, watch.signal)
        .catch((error: Error) => this.#failed(build, error, signal))
        .finally(watch.stop)
    }
  }

  /** A signal that aborts when the build is paused or given up, or the lock is lost. Meanwhile all see that it is worked on. */
  #watch({ version }: BuildRecord, signal: AbortSignal): { signal: AbortSignal; stop: () => void } {
    const { pool, lookEveryMs = LOOK_EVERY_MS } = this.#options
    const stop = new AbortController()
    const look = async () => {
      const build = await readBuild(pool, this.#projection)
      if (build?.version !== version || !isWorkable(build, this.#projection)) stop.abort(new GivenUp())
      else await noteProgress(pool, { projection: this.#projection, version }, {})
    }
    const looking = setInterval(() => void look().catch(() => {}), lookEveryMs)
    return { signal: AbortSignal.any([signal, stop.signal]), stop: () => clearInterval(looking) }
  }

  async #failed({ version }: BuildRecord, error: Error, signal: AbortSignal): Promise<void> {
    await this.#steps.endThreads()
    if (signal.aborted || error instanceof GivenUp) return
    // Whoever promotes brings it forward, too.
    if (error.name === 'CheckpointMoved') return await this.#rest(signal)
    const final = ++this.#failures >= ATTEMPTS
    if (final) this.#failures = 0
    this.#tell(version, { what: 'failed', error, final })
    const failure = { error: error.message, failed: final }
    await noteProgress(this.#options.pool, { projection: this.#projection, version }, failure)
    await this.#rest(signal)
  }

  #rest(signal: AbortSignal): Promise<void> {
    return sleep(this.#options.lookEveryMs ?? LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }

  #tell(version: number, event: TellingOf): void {
    this.#options.onEvent?.({ projection: this.#projection, version, ...event })
  }
}

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
