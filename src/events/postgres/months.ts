import type pg from 'pg'
import type { Position } from '../event-log.ts'
import type { Archive, FilePart } from './archive/archive-file.ts'

/** A month of the log, in UTC. The first one has what was there before it, too. */
export interface LogMonth {
  /** `2026-10` */
  readonly month: string
  /** The partition. */
  readonly table: string
  readonly first: Position
  /** Undefined: it is the month that is written now. */
  readonly last: Position | undefined
  /** Undefined: its events are in the table alone. */
  readonly archive: Archive | undefined
  /** Its events are in the archive alone. */
  readonly dropped: boolean
}

/** As the server writes it. */
interface MonthRow {
  readonly month: string
  readonly table_name: string
  readonly first_position: string
  readonly last_position: string | null
  readonly file: string | null
  readonly bytes: string | null
  readonly sha256: string | null
  readonly parts: string | null
  readonly dropped: string
}

const asText = { getTypeParser: () => (text: string) => text }

const SELECT = `
  select to_char(month, 'YYYY-MM') as month, log_partition(month) as table_name, first_position, last_position,
         file, bytes, sha256, parts, dropped_at is not null as dropped
    from log_months
   where first_position is not null`

/** Runs a statement and gives its rows as the server's own text. */
export type TextQuery = (
  statement: pg.QueryConfig & { readonly types: typeof asText },
) => Promise<{ rows: unknown[] }>

/** Every month that has begun, in order. */
export async function listMonths(query: TextQuery): Promise<LogMonth[]> {
  const { rows } = await query({ text: `${SELECT} order by month`, types: asText })
  return (rows as MonthRow[]).map(monthOf)
}

/** The month of the event after `position`, or in which it will be; undefined if there is none. */
export async function monthAfter(query: TextQuery, position: Position): Promise<LogMonth | undefined> {
  const { rows } = await query({
    // Asked before every read, a hundred times a second while people submit: the server keeps its plan.
    name: 'month_after',
    text: `${SELECT} and (last_position > $1 or last_position is null) order by month limit 1`,
    values: [position],
    types: asText,
  })
  return (rows as MonthRow[]).map(monthOf)[0]
}

function monthOf(row: MonthRow): LogMonth {
  const { month } = row
  const first = BigInt(row.first_position)
  const last = row.last_position === null ? undefined : BigInt(row.last_position)
  const archive =
    last === undefined || row.file === null
      ? undefined
      : {
          month,
          first,
          last,
          file: row.file,
          bytes: Number(row.bytes),
          sha256: row.sha256!,
          parts: JSON.parse(row.parts!) as FilePart[],
        }
  return { month, table: row.table_name, first, last, archive, dropped: row.dropped === 't' }
}
