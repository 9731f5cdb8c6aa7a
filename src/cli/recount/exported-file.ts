/** An exported file as it is read again, whatever its format. */

/** What a file says of itself; some formats have no room for it. */
export interface Origin {
  readonly poll?: string
  readonly position?: string
  readonly asOf?: string
}

export interface ExportedRow {
  /** Basis points in the order of the file's categories. */
  readonly shares: readonly number[]
  /** The file's bytes up to and including this row, as far as is known. */
  readonly end: number
}

export interface ExportedFile {
  readonly origin: Origin
  /** Category ids. Empty if a file without rows has no room for them. */
  readonly categories: readonly string[]
  /** How many rows the file says it has. */
  readonly announced: number | undefined
  /** Its rows in batches; can be read once. @throws {BadExport} at the first row that is none */
  readonly rows: () => AsyncIterable<readonly ExportedRow[]>
}

/** The file is no export, or is damaged. */
export class BadExport extends Error {
  override readonly name = 'BadExport'
}
