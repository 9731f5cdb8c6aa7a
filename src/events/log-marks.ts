/**
 * Which event stands at a position. A log that was restored from an older backup has, once it has grown again, other
 * events at the same positions: what is kept of it elsewhere bears a mark, by which it is known whether it is of this log.
 */
import type { Position, RecordedEvent } from './event-log.ts'

/** An event's id, and the milliseconds since 1970 at which the log took it, `-` where that is not at hand. */
export type Mark = string

export interface Marked {
  readonly position: Position
  readonly mark: Mark
}

export interface LogMarks {
  /** The mark of the event at a position; undefined if there is none. @throws {EventLogUnavailable} */
  at(position: Position): Promise<Mark | undefined>

  /** The last event's; undefined if the log is empty. @throws {EventLogUnavailable} */
  last(): Promise<Marked | undefined>
}

export const markOf = ({ id, recordedAt }: Pick<RecordedEvent, 'id' | 'recordedAt'>): Mark =>
  `${id} ${Date.parse(recordedAt)}`

/** Whether two marks are of the same event. An import that is repeated gives the same ids again, at another time. */
export function isSameMark(one: Mark, other: Mark | undefined): boolean {
  const [[id, at], [otherId, otherAt]] = [one.split(' '), other?.split(' ') ?? []]
  return id === otherId && (at === otherAt || at === '-' || otherAt === '-')
}

/** Whether the event that bore this mark stands at its position. @throws {EventLogUnavailable} */
export const holds = async (marks: Pick<LogMarks, 'at'>, { position, mark }: Marked): Promise<boolean> =>
  isSameMark(mark, await marks.at(position))
