import type { RecordedEvent } from '../event-log.ts'

/** The columns that make a `RecordedEvent`, in the order in which `parseRow` takes them. */
export const COLUMNS = `position, stream, revision, id, type, schema_version, data, coalesce(metadata::text, ''), recorded_at`

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

  /** @param fields the columns `COLUMNS` as the server writes them */
  constructor(fields: readonly string[]) {
    this.position = BigInt(fields[0]!)
    this.stream = fields[1]!
    this.revision = Number(fields[2])
    this.id = fields[3]!
    this.type = fields[4]!
    this.schemaVersion = Number(fields[5])
    this.data = JSON.parse(fields[6]!)
    this.#metadata = fields[7]!
    this.#recordedAt = fields[8]!
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#metadata === '' ? {} : JSON.parse(this.#metadata)
  }

  get recordedAt(): string {
    return new Date(this.#recordedAt).toISOString()
  }
}

/** A line of COPY's text format, of the columns `COLUMNS`, as an event. */
export const parseRow = (line: string): RecordedEvent => new StoredRow(fieldsOf(line))

/** The fields of a line of COPY's text format. */
export function fieldsOf(line: string): string[] {
  const fields = line.split('\t')
  // Backslashes are rare: JSON without quotes or control characters in its strings has none.
  return line.includes('\\') ? fields.map(withoutEscapes) : fields
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' }

const withoutEscapes = (field: string): string =>
  field.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character)
