import type { RecordedEvent } from '../event-log.ts'

/** The columns that make a `RecordedEvent`, in the order in which `StoredRow` takes them. */
export const COLUMNS = `position, type, schema_version, data, stream, revision, id, coalesce(metadata::text, ''), recorded_at`
/** The first of them: a quarter less work for the server. */
export const COLUMNS_FOR_FOLD = 'position, type, schema_version, data, stream, revision'
/** Places among them. */
export const TYPE = 1
export const DATA = 3

/** One row of the log. What few readers ask for is worked out when they ask. */
export class StoredRow implements RecordedEvent {
  readonly position: bigint
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  readonly data: unknown
  readonly #metadata: string
  readonly #recordedAt: string

  /** @param fields the columns `COLUMNS`, or `COLUMNS_FOR_FOLD`, as the server writes them */
  constructor(fields: readonly string[]) {
    this.position = BigInt(fields[0]!)
    this.type = fields[TYPE]!
    this.schemaVersion = Number(fields[2])
    this.data = JSON.parse(fields[DATA]!)
    this.stream = fields[4]!
    this.revision = Number(fields[5])
    const [, , , , , , id = '', metadata = '', recordedAt = ''] = fields
    this.id = id
    this.#metadata = metadata
    this.#recordedAt = recordedAt
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#metadata === '' ? {} : JSON.parse(this.#metadata)
  }

  get recordedAt(): string {
    return this.#recordedAt === '' ? '' : new Date(this.#recordedAt).toISOString()
  }
}

/** The fields of a line of COPY's text format. */
export function fieldsOf(line: string): string[] {
  const fields = line.split('\t')
  // Backslashes are rare: JSON without quotes or control characters in its strings has none.
  return line.includes('\\') ? fields.map(withoutEscapes) : fields
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' }

const withoutEscapes = (field: string): string =>
  field.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character)
