/** Whether a program and a database's schema can go together: each may be some migrations ahead of the other. */
import type pg from 'pg'
import type { Migration } from './migrations.ts'

export interface AppliedMigration {
  readonly id: number
  readonly name: string
  /** As `Migration.oldestProgram` was when it was applied. */
  readonly oldestProgram: number | null
}

/** Program and database cannot go together. Its message is written for people. */
export class SchemaRefused extends Error {}

/** The database was made by a newer program than this one, and this one would harm it, or fail. */
export class SchemaTooNew extends SchemaRefused {
  override readonly name = 'SchemaTooNew'
}

/** The database lacks what this program uses. */
export class SchemaTooOld extends SchemaRefused {
  override readonly name = 'SchemaTooOld'
}

type Known = Pick<Migration, 'id' | 'name'>

/** @param known the migrations that this program knows, in order @throws {SchemaTooNew} */
export function refuseTooNew(known: readonly Known[], applied: readonly AppliedMigration[]): void {
  const newest = known.at(-1)!
  const [barrier] = applied
    .filter(({ oldestProgram }) => oldestProgram !== null && oldestProgram > newest.id)
    .sort((a, b) => b.oldestProgram! - a.oldestProgram!)
  if (barrier)
    throw new SchemaTooNew(
      `The database has the schema ${barrier.name}, made by a newer version of this program: programs that know the ` +
        `migrations up to ${numbered(barrier.oldestProgram!)} can use it, and this one knows them up to ` +
        `${numbered(newest.id)}. Update this one.`,
    )
}

/** @throws {SchemaTooOld} */
export function refuseTooOld(known: readonly Known[], applied: readonly AppliedMigration[]): void {
  const there = new Set(applied.map(({ id }) => id))
  const missing = known.filter(({ id }) => !there.has(id))
  if (missing.length === 0) return
  const has = applied.at(-1) ? `has the schema ${applied.at(-1)!.name}` : 'has no schema yet'
  throw new SchemaTooOld(
    `The database ${has}, and this program needs ${missing.at(-1)!.name}. "taxbudget migrate" brings it there, as a ` +
      'deployment does before it starts anything; with MIGRATE=auto every process does so when it starts.',
  )
}

/** What has been applied, in order; nothing where nothing ever was. */
export async function readApplied(client: Pick<pg.Client, 'query'>): Promise<readonly AppliedMigration[]> {
  // The column may not be there yet, nor the table.
  const { rows } = await client.query("select to_regclass('migrations') is not null as there")
  if (!rows[0].there) return []
  const applied = await client.query(`
    select id, name, (to_jsonb(m) ->> 'oldest_program')::integer as "oldestProgram" from migrations m order by id`)
  return applied.rows
}

const numbered = (id: number): string => String(id).padStart(6, '0')
