import type { ExactEvent } from '../../log-copy.ts'
import { fieldsOf } from '../stored-row.ts'
import type { ArchivedGroup } from './archived-event.ts'

/** An event as the log stores it, every column exactly. */
export type StoredLine = ExactEvent

/** The columns, in the order in which `parseLine` takes them. JSON is never empty: that stands for none. */
export const EXACT_COLUMNS = `position, stream, revision, id, type, schema_version, data, coalesce(metadata::text, ''),
  (extract(epoch from recorded_at) * 1000000)::bigint`

/** A line of COPY's text format, of the columns `EXACT_COLUMNS`. */
export function parseLine(line: string): StoredLine {
  const fields = fieldsOf(line)
  return {
    position: BigInt(fields[0]!),
    stream: fields[1]!,
    revision: Number(fields[2]),
    id: fields[3]!,
    type: fields[4]!,
    schemaVersion: Number(fields[5]),
    data: fields[6]!,
    metadata: fields[7]! === '' ? null : fields[7]!,
    recordedAt: BigInt(fields[8]!),
  }
}

/** The same line again, of an event in an archive. */
export function lineOf(group: ArchivedGroup, row: number): string {
  const fields = [
    group.value('position', row),
    group.value('stream', row),
    group.value('revision', row),
    group.value('id', row),
    group.value('type', row),
    group.value('schema_version', row),
    group.value('data', row),
    group.value('metadata', row) ?? '',
    group.value('recorded_at', row),
  ]
  return fields.map((field) => escaped(String(field))).join('\t')
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** As COPY writes a field. */
export const escaped = (field: string): string =>
  field.replace(/[\\\b\f\n\r\t\v]/g, (character) => escapes[character]!)
