import type pg from 'pg'
import type { Migration } from './migrations.ts'
import { SchemaRefused } from './schema.ts'

/** Which processes run stands in the table `processes`; who has not been heard of for so long does not run any more. */
export const ALIVE_FOR = '20 seconds'
/** Programs before this migration do not say which schema they know. */
const BEFORE_IT_WAS_SAID = 13

/** A migration would take away what processes need that still run. */
export class OldProgramsRun extends SchemaRefused {
  override readonly name = 'OldProgramsRun'
}

/** @throws {OldProgramsRun} */
export async function refuseRunning(
  client: Pick<pg.Client, 'query'>,
  { name, oldestProgram }: { readonly [Key in 'name' | 'oldestProgram']: NonNullable<Migration[Key]> },
): Promise<void> {
  const { rows } = await client.query(
    `select array_to_string(roles, ',') || ' at ' || url || ' (version ' || version || ')' as process
       from processes
      where seen_at > now() - interval '${ALIVE_FOR}' and coalesce(schema, ${BEFORE_IT_WAS_SAID}) < $1
      order by process`,
    [oldestProgram],
  )
  if (rows.length === 0) return
  const running = rows.map(({ process }) => process).join('; ')
  const oldest = String(oldestProgram).padStart(6, '0')
  throw new OldProgramsRun(
    `${name} takes away what programs need that do not know the migrations up to ${oldest}, and such are running: ` +
      `${running}. Deploy a version everywhere that knows ${oldest}, then this one. Whoever was killed is forgotten ` +
      `after ${ALIVE_FOR}.`,
  )
}
