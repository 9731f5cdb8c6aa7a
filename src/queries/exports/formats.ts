/** How submissions are taken away; the order is the one in which they are offered. */
export const exportFormats = ['csv', 'ndjson', 'parquet', 'pb'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** As `Content-Type` names it. Pabulib's format has no registered name. */
export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  pb: 'text/x-pabulib; charset=utf-8',
}

/** What stands before the shares in every format that has columns. */
export const fixedColumns = ['pseudonym', 'submitted_at', 'changed_at', 'position'] as const

/** Names that mean something else: the fixed columns, and what begins a section of a Pabulib file for many readers. */
const reserved: ReadonlySet<string> = new Set([...fixedColumns, 'meta', 'projects', 'votes'])

/** A category's column or project: its id, told from reserved names by an underscore, which no id has. */
export const columnOf = (category: string): string => (reserved.has(category) ? `${category}_` : category)

/** The category of a column: the inverse of `columnOf`. */
export const categoryOf = (column: string): string => column.replace(/_$/, '')
