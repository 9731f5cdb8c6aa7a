import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One numbered SQL file of this program. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly sql: string
  /**
   * It takes something away: programs that do not know the migrations up to this one can no longer run beside it.
   * Null: whoever could before may do so still.
   */
  readonly oldestProgram: number | null
}

const FOLDER = join(import.meta.dirname, '..', '..', 'infra', 'migrations')

/** All of them, in order. @throws if one declares what cannot be */
export async function readMigrations(folder = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{6}_.*\.sql$/.test(name)).sort()
  return await Promise.all(
    names.map(async (name) => migrationOf(name, await readFile(join(folder, name), 'utf8'))),
  )
}

/** The last migration that this program knows: its place among older and newer programs. */
export const programSchema = async (): Promise<number> => (await readMigrations()).at(-1)!.id

/** @param name `000014_without_old_column.sql` @throws if it declares what cannot be */
export function migrationOf(name: string, sql: string): Migration {
  const id = Number(name.slice(0, 6))
  const declared = /^-- oldest program:(.*)$/m.exec(sql)?.[1]?.trim()
  if (declared === undefined) return { id, name, sql, oldestProgram: null }
  const oldestProgram = /^\d{6}$/.test(declared) ? Number(declared) : Number.NaN
  // The program before it serves while it is being applied.
  if (!(oldestProgram < id))
    throw new Error(
      `${name}: "-- oldest program: ${declared}" must name a migration before it, by its six digits`,
    )
  return { id, name, sql, oldestProgram }
}
