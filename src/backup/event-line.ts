/** An event as a line of JSON: to be read by any program, and to the letter again by this one. */
import type { ExactEvent } from '../events/log-copy.ts'
import { BadBackup } from './bad-backup.ts'

/** The text of `data` and `metadata` stands in it as the log has it, byte for byte. */
export const writeLine = (event: ExactEvent): string =>
  `{"position":"${event.position}","stream":${JSON.stringify(event.stream)},"revision":${event.revision},` +
  `"id":"${event.id}","type":${JSON.stringify(event.type)},"schemaVersion":${event.schemaVersion},` +
  `"recordedAt":"${instantOf(event.recordedAt)}","metadata":${event.metadata},"data":${event.data}}`

const TEXT = '"(?:[^"\\\\]|\\\\.)*"'
const LINE = new RegExp(
  `^\\{"position":"(\\d+)","stream":(${TEXT}),"revision":(\\d+),"id":"([0-9a-f-]{36})","type":(${TEXT}),` +
    `"schemaVersion":(\\d+),"recordedAt":"([^"]{23})(\\d{3})Z","metadata":(null|\\{(?:${TEXT}|[^"{}])*\\}),"data":(.*)\\}$`,
  's',
)

/** What `writeLine` wrote. @throws {BadBackup} it is something else */
export function readLine(line: string): ExactEvent {
  const fields = LINE.exec(line)
  if (!fields) throw new BadBackup(`a line of it is no event: ${line.slice(0, 100)}`)
  const [, position, stream, revision, id, type, schemaVersion, milliseconds, rest, metadata, data] = fields
  return {
    position: BigInt(position!),
    stream: textOf(stream!),
    revision: Number(revision),
    id: id!,
    type: textOf(type!),
    schemaVersion: Number(schemaVersion),
    data: data!,
    metadata: metadata === 'null' ? null : metadata!,
    recordedAt: BigInt(Date.parse(`${milliseconds}Z`)) * 1000n + BigInt(rest!),
  }
}

const textOf = (quoted: string): string =>
  quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)

/** ISO 8601 in UTC, to the microsecond. */
function instantOf(microseconds: bigint): string {
  const rest = String(microseconds % 1000n).padStart(3, '0')
  return `${new Date(Number(microseconds / 1000n)).toISOString().slice(0, -1)}${rest}Z`
}
