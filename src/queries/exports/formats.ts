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

/** A category's column: its id, which never has an underscore, unless one of the fixed columns is called so. */
export const columnOf = (category: string): string =>
  (fixedColumns as readonly string[]).includes(category) ? `category_${category}` : category

/** The category of a column: the inverse of `columnOf`. */
export const categoryOf = (column: string): string => column.replace(/^category_/, '')
