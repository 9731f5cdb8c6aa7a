import type { ClientPool } from '../postgres/client-pool.ts'

const DEADLINE_MS = 2000

/** Sessions of the console that were ended before their time, in the table `signed_out_sessions`. */
export class PostgresSignedOutSessions {
  readonly #pool: Pick<ClientPool, 'lend'>

  constructor(pool: Pick<ClientPool, 'lend'>) {
    this.#pool = pool
  }

  /** Notes that a session has ended, until it would have anyway, and forgets those that would have by now. */
  async add(id: string, endsAt: Date): Promise<void> {
    await this.#query(
      `with forgotten as (delete from signed_out_sessions where ends_at < now() - interval '1 hour')
       insert into signed_out_sessions (id, ends_at) values ($1, $2) on conflict do nothing`,
      [id, endsAt],
    )
  }

  async has(id: string): Promise<boolean> {
    return (await this.#query('select from signed_out_sessions where id = $1', [id])) > 0
  }

  async #query(text: string, values: unknown[]): Promise<number> {
    const { rowCount } = await this.#pool.lend((client) => client.query(text, values), {
      deadlineMs: DEADLINE_MS,
    })
    return rowCount ?? 0
  }
}
