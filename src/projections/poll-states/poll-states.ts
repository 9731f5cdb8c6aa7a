/** The stored states of polls in PostgreSQL: tables `poll_state_boundaries`, `poll_states`. Those of another fold are not seen. */
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { type Position, START } from '../../events/event-log.ts'
import { openPool } from '../../postgres/pool.ts'
import { FOLD_VERSION } from '../fold.ts'
import type { MutablePollAggregate } from '../poll-aggregate.ts'
import type { PollEffect } from '../poll-effect.ts'
import { readEffect, writeEffect } from '../stored-effect.ts'
import { readAggregate, writeAggregate } from '../stored-snapshot.ts'
import type { Segment } from './segment.ts'

/** What is known of a segment without reading what it holds of a poll. */
export interface SegmentTimes {
  readonly after: Position
  readonly upTo: Position
  /** Least and greatest `occurredAt` of the poll's events in it; `earliest` is empty if one belongs to every time. */
  readonly earliest: string
  readonly latest: string
  readonly hasEffect: boolean
}

/** One poll's segments in the order of the log; those without events of the poll are left out. */
export interface Timeline {
  readonly segments: readonly SegmentTimes[]
  /** The last boundary; `START` if there is none. */
  readonly end: Position
}

/** The newest boundary and how every poll stands there. */
export interface LatestStates {
  readonly position: Position
  /** Undefined: there is no boundary yet. */
  readonly madeAt: Date | undefined
}

const position = z.string().transform(BigInt)
const LatestRow = z.object({ position, made_at: z.coerce.number().nullable() })
const TimelineRow = z.object({
  end: position,
  segments: z.array(z.tuple([position, position, z.string(), z.string(), z.boolean()])),
})

const KeptRow = z.object({ poll: z.string(), position, hasEffect: z.boolean() })

/** A state that is kept: of which poll, and where. */
type KeptState = z.infer<typeof KeptRow>

const ofToday = sql.fragment`fold_version = ${FOLD_VERSION}`

export class PollStates {
  readonly #pool: DatabasePool

  constructor(pool: DatabasePool) {
    this.#pool = pool
  }

  /** For a thread, which cannot be handed a pool. */
  static async open(databaseUrl: string): Promise<PollStates> {
    return new PollStates(await openPool({ databaseUrl, deadlineMs: 5000, size: 1 }))
  }

  async latest(): Promise<LatestStates> {
    const row = await this.#pool.one(sql.unsafe`
      select coalesce(max(position), 0)::text as position, extract(epoch from max(made_at)) * 1000 as made_at
        from poll_state_boundaries where ${ofToday}`)
    const { position, made_at } = LatestRow.parse(row)
    return { position, madeAt: made_at === null ? undefined : new Date(made_at) }
  }

  /** Every poll as it stood at a boundary. */
  async polls(at: Position): Promise<MutablePollAggregate[]> {
    const rows = await this.#pool.anyFirst(sql.unsafe`
      select state from poll_states s
        join (select poll, max(position) as position from poll_states
               where ${ofToday} and position <= ${at} group by poll) l using (poll, position)
       where ${ofToday}`)
    return rows.map(readAggregate)
  }

  /** What is kept, without reading it, in the order of the log. */
  async kept(): Promise<readonly KeptState[]> {
    const rows = await this.#pool.any(sql.unsafe`
      select poll, position::text, effect is not null as "hasEffect" from poll_states where ${ofToday} order by poll_states.position, poll`)
    return rows.map((row) => KeptRow.parse(row))
  }

  /** The poll as it stood at the end of one of its segments. */
  async poll(poll: string, at: Position): Promise<MutablePollAggregate> {
    const state = await this.#pool.oneFirst(sql.unsafe`
      select state from poll_states where ${ofToday} and poll = ${poll} and position = ${at}`)
    return readAggregate(state)
  }

  /** What the segment that ends at a boundary did to the poll. */
  async effect(poll: string, at: Position): Promise<PollEffect> {
    const effect = await this.#pool.oneFirst(sql.unsafe`
      select effect from poll_states where ${ofToday} and poll = ${poll} and position = ${at}`)
    return readEffect(effect)
  }

  /** The poll's segments after a boundary, and where the last boundary is: both of one moment. */
  async timeline(poll: string, after: Position = START): Promise<Timeline> {
    const row = await this.#pool.one(sql.unsafe`
      select (select coalesce(max(position), 0)::text from poll_state_boundaries where ${ofToday}) as end,
             coalesce((
               select json_agg(json_build_array(after::text, position::text, earliest, latest, effect is not null)
                               order by position)
                 from poll_states where ${ofToday} and poll = ${poll} and position > ${after}
             ), '[]') as segments`)
    const { end, segments } = TimelineRow.parse(row)
    const times = ([after, upTo, earliest, latest, hasEffect]: (typeof segments)[number]): SegmentTimes => ({
      ...{ after, upTo, earliest, latest, hasEffect },
    })
    return { end, segments: segments.map(times) }
  }

  /** @returns false, and nothing is stored, if the last boundary is not where the segment begins */
  async save({ after, upTo, polls }: Segment): Promise<boolean> {
    return await this.#pool.transaction(async (connection) => {
      const { rowCount } = await connection.query(sql.unsafe`
        insert into poll_state_boundaries (fold_version, position)
        select ${FOLD_VERSION}, ${upTo}
         where ${after} = (select coalesce(max(position), 0) from poll_state_boundaries where ${ofToday})
        on conflict do nothing`)
      if (rowCount !== 1) return false
      for (const { state, effect, earliest, latest } of polls)
        await connection.query(sql.unsafe`
          insert into poll_states (fold_version, poll, position, after, earliest, latest, state, effect)
          values (${FOLD_VERSION}, ${state.definition.poll}, ${upTo}, ${after}, ${earliest}, ${latest},
                  ${writeAggregate(state)}::json, ${effect ? writeEffect(effect) : null}::json)`)
      return true
    })
  }
}
