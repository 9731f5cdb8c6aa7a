/** The migrated database that tests clone. */
export const TEMPLATE = 'taxbudget_template'

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}
