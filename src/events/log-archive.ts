/** The archive port: taking whole months out of the log's database. Readers of the log never see a difference. */
import type { Position } from './event-log.ts'

/** A month of the log that has begun, in UTC. */
export interface MonthOfLog {
  /** `2026-10` */
  readonly month: string
  readonly first: Position
  /** The last position that it has so far; less than `first` if it has none. */
  readonly until: Position
  /** By the calendar. */
  readonly over: boolean
  /** What its events take in the database, bytes. */
  readonly size: number
  readonly archive: { readonly file: string; readonly bytes: number; readonly sha256: string } | undefined
  /** Its events are in the archive alone. */
  readonly dropped: boolean
}

export interface LogArchive {
  /** Where the files are. */
  readonly folder: string

  /** In order. */
  months(): Promise<MonthOfLog[]>

  /** Does `work` while nobody else archives. @throws {ArchiverAtWork} */
  alone<Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>

  /**
   * Writes a month that is over to a file, reads it back and compares. The database keeps it.
   * @param onProgress told the fraction that is done, and how many events
   * @throws the signal's reason if it aborts: everything is as it was then
   */
  archive(
    month: string,
    options: { signal: AbortSignal; onProgress: (fraction: number, events: number) => void },
  ): Promise<void>

  /**
   * Takes an archived month out of the database, after comparing once more. Appends do not wait for it longer than half
   * a second; it waits for those who read.
   * @throws {EventLogUnavailable} the file is not what was archived
   */
  drop(month: string, signal: AbortSignal): Promise<void>

  close(): Promise<void>
}

/** Somebody else is archiving. */
export class ArchiverAtWork extends Error {
  override readonly name = 'ArchiverAtWork'
}

/** What was written, or stands there, is not what the log holds: nothing is dropped for it. */
export class ArchiveDiffers extends Error {
  override readonly name = 'ArchiveDiffers'
}
