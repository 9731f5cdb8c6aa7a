import { availableParallelism } from 'node:os'
import type { BuildThread } from './build-jobs.ts'
import { discardedVersions } from './build-record.ts'
import { Builder, type BuilderEvent, type BuilderOptions } from './builder.ts'
import { Follower } from './follower.ts'
import { type OperationsOptions, StoredProjectionOperations } from './operations.ts'
import type { ProjectionOperations } from './projection-operations.ts'
import type { BuildableName } from './read-models.ts'

export interface BuildsOptions extends OperationsOptions, Pick<BuilderOptions, 'log' | 'databaseUrl'> {
  readonly log: OperationsOptions['log'] & BuilderOptions['log']
  readonly startThread: () => BuildThread
}

/** Half of the machine is for those who vote. The server's processes work beside each thread. */
const jobs = Math.max(1, Math.min(4, availableParallelism() >> 1))

/** The versions of the read models, for operators and for those who build them. */
export class Builds {
  readonly operations: ProjectionOperations
  readonly #options: BuildsOptions
  #busy: Promise<void> = Promise.resolve()

  constructor(options: BuildsOptions) {
    this.#options = options
    this.operations = new StoredProjectionOperations(options)
  }

  /** Somebody who works on a read model whenever there is something to do. Of one process one works hard at a time. */
  builder(projection: BuildableName, onEvent: (event: BuilderEvent) => void = () => {}): Builder {
    const { log, pool, databaseUrl, positionsPerEvent, startThread } = this.#options
    const follower = new Follower(this.#options)
    const inTurn: BuilderOptions['inTurn'] = (work) => this.#inTurn(work)
    return new Builder(projection, {
      ...{ log, pool, databaseUrl, positionsPerEvent, startThread, follower, jobs, inTurn, onEvent },
    })
  }

  /** Versions that are still being taken away. */
  discarded(projection: BuildableName): Promise<readonly number[]> {
    return discardedVersions(this.#options.pool, projection)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#busy
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#busy = promise
    await before
    try {
      return await work()
    } finally {
      resolve()
    }
  }
}
