import type pg from 'pg'
import { z } from 'zod'
import { rankOf } from '../poll-aggregate.ts'

/** How a database stands: all of it of one moment. */
export interface Look {
  /** Whether it follows another one. */
  readonly follows: boolean
  /** The same for a database and for all that are copied from it, file by file. */
  readonly identity: string
  /** How far its write-ahead log has come, or has been replayed, bytes. */
  readonly lsn: bigint
  /** For so long nothing has been replayed, seconds; undefined where nothing ever was. */
  readonly idleSeconds: number | undefined
  /** Of each read model, by name: the rank (`rankOf`) of its live version. */
  readonly places: ReadonlyMap<string, bigint>
}

const Row = z.object({
  follows: z.boolean(),
  identity: z.string(),
  idle: z.string().transform(Number).nullable(),
  lsn: z.string().regex(/^[0-9A-F]+\/[0-9A-F]+$/),
  places: z.array(z.tuple([z.string(), z.int(), z.string().transform(BigInt)])).nullable(),
})

/** What `ProjectionStore.identity` tells stands here too: nothing of it may be of another moment. */
const SELECT = `
  select pg_is_in_recovery() as follows,
         (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn,
         extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) as idle,
         system_identifier::text || '-' || (select oid from pg_database where datname = current_database()) as identity,
         (select json_agg(json_build_array(name, generation, position::text))
            from projections where status = 'live') as places
    from pg_control_system()`

/** @throws whatever the server, or the way to it, has against it */
export async function lookAt(client: Pick<pg.ClientBase, 'query'>): Promise<Look> {
  const { follows, identity, lsn, idle, places } = Row.parse((await client.query(SELECT)).rows[0])
  return {
    ...{ follows, identity, lsn: bytesOf(lsn), idleSeconds: idle ?? undefined },
    places: new Map(
      (places ?? []).map(([name, generation, position]) => [name, rankOf({ generation, position })]),
    ),
  }
}

/** `16/B374D848`: the upper and the lower 32 bits. */
function bytesOf(lsn: string): bigint {
  const [upper, lower] = lsn.split('/')
  return (BigInt(`0x${upper}`) << 32n) + BigInt(`0x${lower}`)
}
