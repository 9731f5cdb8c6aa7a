import type { Position } from '../event-log.ts'
import type { LogMarks, Mark, Marked } from '../log-marks.ts'

/** Of an event whose month was dropped there is but the place. */
const SELECT = `
  select p.position, p.id || ' ' || coalesce(
           (select floor(extract(epoch from e.recorded_at) * 1000)::bigint::text from events e where e.position = p.position),
           '-')
    from event_places p`

/** @param query gives rows as the server's own text */
export function postgresMarks(
  query: (text: string, values: unknown[]) => Promise<[string, string][]>,
): LogMarks {
  return {
    at: async (position: Position): Promise<Mark | undefined> =>
      (await query(`${SELECT} where p.position = $1`, [position]))[0]?.[1],
    last: async (): Promise<Marked | undefined> => {
      const [row] = await query(`${SELECT} order by p.position desc limit 1`, [])
      return row && { position: BigInt(row[0]), mark: row[1] }
    },
  }
}
