import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { useEmbeddedServer } from '../src/postgres/embedded-server.ts'
import { migrate } from '../src/postgres/migrate.ts'
import type { Measured } from './harness.ts'
import { type SeedOptions, seed } from './seed.ts'

/** How much is measured. */
export interface Sizes {
  /** Submissions of the large poll and of the small one. */
  readonly large: number
  readonly small: number
  /** Pairs that count, and how long each side of one takes where time decides. */
  readonly rounds: number
  readonly seconds: number
}

export const full: Sizes = { large: 1_000_000, small: 1000, rounds: 7, seconds: 3 }
export const quick: Sizes = { large: 50_000, small: 1000, rounds: 3, seconds: 1 }

/** One group of figures that are measured together. */
export interface Benchmark {
  readonly name: string
  measure(bench: Workbench): Promise<Measured[]>
}

/** A PostgreSQL of its own in a temporary folder, and everything that has to be ended in the end. */
export class Workbench {
  readonly sizes: Sizes
  readonly folder: string
  readonly #serverUrl: string
  readonly #seeded = new Map<string, Promise<string>>()
  readonly #tell: (message: string) => void
  #endings = new AsyncDisposableStack()

  private constructor(sizes: Sizes, folder: string, serverUrl: string, tell: (message: string) => void) {
    this.sizes = sizes
    this.folder = folder
    this.#serverUrl = serverUrl
    this.#tell = tell
  }

  /** @param endings disposed of by the caller, whatever happens */
  static async open(sizes: Sizes, endings: AsyncDisposableStack, tell: (message: string) => void) {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-bench-'))
    endings.defer(() => rm(folder, { recursive: true, force: true }))
    const server = await useEmbeddedServer(folder)
    endings.defer(() => server.release())
    const bench = new Workbench(sizes, folder, server.url, tell)
    endings.defer(() => bench.endGroup())
    return bench
  }

  /** `end` is called when the group is measured, or the run is broken off. */
  onEnd(end: () => Promise<unknown>): void {
    this.#endings.defer(async () => void (await end()))
  }

  /** Ends what a group has started, so that it does not disturb the next one. */
  async endGroup(): Promise<void> {
    const endings = this.#endings
    this.#endings = new AsyncDisposableStack()
    await endings.disposeAsync()
  }

  /** Progress, for people. */
  tell(message: string): void {
    this.#tell(message)
  }

  /** An empty database with today's schema, for one group. */
  async database(name: string): Promise<string> {
    const url = await this.#create(name)
    // Autovacuum would go on with what was left behind while the next group is measured.
    this.onEnd(() => query(this.#serverUrl, `drop database ${name} with (force)`))
    return url
  }

  /** A database whose default poll has so many submissions; the same one for all who ask. */
  seeded(submissions: number, { years = 0 }: Pick<SeedOptions, 'years'> = {}): Promise<string> {
    const name = `seeded_${submissions}${years > 0 ? `_over_${years}_years` : ''}`
    let known = this.#seeded.get(name)
    if (known === undefined) {
      known = this.#seed(name, { submissions, years })
      this.#seeded.set(name, known)
    }
    return known
  }

  /** The same again, for one group that changes it. Nobody may be connected to the other one. */
  async copyOf(url: string, name: string): Promise<string> {
    await query(this.#serverUrl, `create database ${name} template ${new URL(url).pathname.slice(1)}`)
    this.onEnd(() => query(this.#serverUrl, `drop database ${name} with (force)`))
    const copy = new URL(url)
    copy.pathname = `/${name}`
    return copy.href
  }

  async #seed(name: string, options: SeedOptions): Promise<string> {
    const url = await this.#create(name)
    await seed(url, options, (done) => this.tell(`${done} of ${options.submissions} submissions written`))
    return url
  }

  async #create(name: string): Promise<string> {
    await query(this.#serverUrl, `create database ${name}`)
    const url = new URL(this.#serverUrl)
    url.pathname = `/${name}`
    await migrate(url.href)
    return url.href
  }
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
