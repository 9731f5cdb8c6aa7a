import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '../support/database.ts'
import { type Ran, runCli } from './command-line.ts'

export interface CliDatabase {
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  /** Runs the command line on this database. */
  readonly run: (...args: readonly string[]) => Promise<Ran>
  /** Writes a file for it to read; gives its path. */
  readonly write: (name: string, content: string) => Promise<string>
  readonly path: (name: string) => string
  readonly drop: () => Promise<void>
}

/** A database of one's own, and the command line on it, without a running service. */
export async function createCliDatabase(): Promise<CliDatabase> {
  const database = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-cli-'))
  const environment = { DATABASE_URL: database.url, DATA_DIR: folder }
  const path = (name: string) => join(folder, name)
  return {
    url: database.url,
    environment,
    path,
    run: (...args) => runCli(args, environment),
    write: async (name, content) => {
      await writeFile(path(name), content)
      return path(name)
    },
    drop: async () => {
      await rm(folder, { recursive: true, force: true })
      await database.drop()
    },
  }
}
