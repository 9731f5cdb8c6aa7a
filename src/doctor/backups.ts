import { z } from 'zod'
import type { ClientPool } from '../postgres/client-pool.ts'

export interface LastBackups {
  /** Of the newest one, verified or not. */
  readonly made: Date | undefined
  /** When the newest one was made that has been verified. */
  readonly verified: Date | undefined
  /** What came of the last verification, if it failed. */
  readonly failure: { readonly file: string; readonly error: string } | undefined
}

const DEADLINE_MS = 3000

const Row = z.object({
  made: z.date().nullable(),
  verified: z.date().nullable(),
  failure: z.object({ file: z.string(), error: z.string() }).nullable(),
})

/** What the table `backups` tells. One that has never had that table has never been backed up by this program. */
export async function lastBackups(pool: Pick<ClientPool, 'lend'>): Promise<LastBackups> {
  return await pool.lend(
    async (client) => {
      const { rows } = await client.query(`select to_regclass('backups') is not null as there`)
      if (!rows[0].there) return { made: undefined, verified: undefined, failure: undefined }
      const found = await client.query(`
        select max(made_at) as made, max(made_at) filter (where verified) as verified,
               (select case when not verified then json_build_object('file', file, 'error', coalesce(error, 'it differs')) end
                  from backups where verified_at is not null order by verified_at desc limit 1) as failure
          from backups`)
      const { made, verified, failure } = Row.parse(found.rows[0])
      return { made: made ?? undefined, verified: verified ?? undefined, failure: failure ?? undefined }
    },
    { deadlineMs: DEADLINE_MS },
  )
}
