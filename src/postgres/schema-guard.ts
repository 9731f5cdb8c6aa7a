import { setTimeout as sleep } from 'node:timers/promises'
import type { Migration } from './migrations.ts'
import { type AppliedMigration, refuseTooNew, refuseTooOld, SchemaRefused } from './schema.ts'

export interface SchemaGuardOptions {
  /** What this program knows, in order. */
  readonly known: readonly Pick<Migration, 'id' | 'name'>[]
  /** What the database has. */
  readonly read: () => Promise<readonly AppliedMigration[]>
  /** Told whenever it changes, in a sentence why the schema cannot be used; undefined: it can, again. */
  readonly onChange: (why: string | undefined) => void
  readonly everyMs?: number
}

const LOOK_EVERY_MS = 2000

/** Notices that others have changed the schema under this process so that it cannot use it any more. */
export class SchemaGuard {
  readonly #options: SchemaGuardOptions
  #why: string | undefined

  constructor(options: SchemaGuardOptions) {
    this.#options = options
  }

  /** Why the schema cannot be used, as far as is known; undefined: it can. */
  get why(): string | undefined {
    return this.#why
  }

  /** Looks every other second until `signal` aborts. Never throws: while nobody can be asked, all is as it was. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch(() => {})
      await sleep(this.#options.everyMs ?? LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Looks once. @throws whatever reading throws */
  async look(): Promise<void> {
    const { known, read, onChange } = this.#options
    const applied = await read()
    const why = refusal(() => {
      refuseTooNew(known, applied)
      refuseTooOld(known, applied)
    })
    if (why === this.#why) return
    this.#why = why
    onChange(why)
  }
}

function refusal(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof SchemaRefused) return error.message
    throw error
  }
}
