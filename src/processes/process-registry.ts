import { z } from 'zod'
import type { ClientPool } from '../postgres/client-pool.ts'
import { ALIVE_FOR } from '../postgres/running-programs.ts'
import type { ProcessRegistry, ProcessState } from './process-state.ts'

/** What a process tells of itself. */
export interface Beat extends Pick<ProcessState, 'id' | 'roles' | 'host' | 'url' | 'version' | 'readiness'> {
  /** For how long it has been running, milliseconds. */
  readonly uptimeMs: number
  /** The last migration that the program knows. */
  readonly schema: number
  /** Bytes. */
  readonly memory: number
  readonly figures: Readonly<Record<string, number>>
}

const DEADLINE_MS = 2000

const Check = z.object({
  role: z.string(),
  name: z.string(),
  ready: z.boolean(),
  detail: z.string().exactOptional(),
})

const Row = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  host: z.string(),
  url: z.string(),
  version: z.string(),
  startedAt: z.date(),
  seenAt: z.date(),
  alive: z.boolean(),
  readiness: z.object({ ready: z.boolean(), checks: z.array(Check) }),
  memory: z.coerce.number(),
  figures: z.record(z.string(), z.number()),
})

/** Processes in the table `processes`. All times are the database's: no two machines have the same clock. */
export class PostgresProcessRegistry implements ProcessRegistry {
  readonly #pool: Pick<ClientPool, 'lend'>

  constructor(pool: Pick<ClientPool, 'lend'>) {
    this.#pool = pool
  }

  /** Notes that a process is there, and forgets those that have not been for an hour. */
  async beat(beat: Beat): Promise<void> {
    const { id, roles, host, url, version, schema, uptimeMs, readiness, memory, figures } = beat
    await this.#query(
      `with forgotten as (delete from processes where seen_at < now() - interval '1 hour' and id <> $1)
       insert into processes (id, roles, host, url, version, started_at, readiness, memory, figures, schema)
       values ($1, $2, $3, $4, $5, now() - make_interval(secs => $6), $7, $8, $9, $10)
       on conflict (id) do update
          set seen_at = now(), readiness = excluded.readiness, memory = excluded.memory, figures = excluded.figures`,
      [
        id,
        [...roles],
        host,
        url,
        version,
        uptimeMs / 1000,
        JSON.stringify(readiness),
        memory,
        JSON.stringify(figures),
        schema,
      ],
    )
  }

  /** It has ended. */
  async remove(id: string): Promise<void> {
    await this.#query('delete from processes where id = $1', [id])
  }

  async list(): Promise<readonly ProcessState[]> {
    const rows = await this.#query(
      `select id, roles, host, url, version, started_at as "startedAt", seen_at as "seenAt",
              seen_at > now() - interval '${ALIVE_FOR}' as alive, readiness, memory, figures
         from processes where seen_at > now() - interval '1 hour' order by started_at desc, id`,
      [],
    )
    return z.array(Row).parse(rows)
  }

  async #query(text: string, values: unknown[]): Promise<unknown[]> {
    return await this.#pool.lend(async (client) => (await client.query(text, values)).rows, {
      deadlineMs: DEADLINE_MS,
    })
  }
}
