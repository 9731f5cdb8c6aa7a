/** What the server's COPY of the columns that a fold needs looks like. */
export interface CopiedRow {
  readonly position: number | bigint
  readonly type: string
  readonly schemaVersion: number
  /** The data, or its text as it was stored. */
  readonly data: object | string
  readonly stream?: string
  readonly revision?: number
}

export const copyBytes = (rows: readonly CopiedRow[]): Buffer => Buffer.from(rows.map(lineOf).join(''))

function lineOf({ position, type, schemaVersion, data, stream = 's', revision = 0 }: CopiedRow): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${[position, type, schemaVersion, text, stream, revision].map(escaped).join('\t')}\n`
}

/** https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". */
const escaped = (field: string | number | bigint): string =>
  String(field)
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
