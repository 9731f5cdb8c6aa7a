/** Rows in PostgreSQL's binary COPY format: read several times as fast as text, most of all the times in them. */
import type { TemporalRow } from './temporal-row.ts'

/** Columns of `submission_rows` in the order in which rows are written. */
export const WRITTEN_COLUMNS =
  'version, submission, poll, pseudonym, from_position, to_position, submitted_at, changed_at, to_time, ending, shares'
const FIELDS = 11

/** Signature, flags, and the length of an extension that is not there. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** The end, and the length of a null. */
const NONE = -1
/** PostgreSQL counts time in microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
const SMALLINT_OID = 21
/** More than all of a row takes but its poll's name and its shares. */
const ROW_BYTES = 192
const SHARE_BYTES = 6

/** @returns a whole COPY of these rows, of one version */
export function encodeRows(version: number, rows: readonly TemporalRow[]): Buffer {
  const writer = new Writer(rows)
  for (const row of rows) writer.row(version, row)
  return writer.end()
}

class Writer {
  readonly #buffer: Buffer
  readonly #view: DataView
  readonly #names = new Map<string, Buffer>()
  #at: number

  constructor(rows: readonly TemporalRow[]) {
    let bytes = HEADER.length + 2
    for (const { poll, shares } of rows)
      bytes += ROW_BYTES + this.#name(poll).length + SHARE_BYTES * shares.length
    this.#buffer = Buffer.allocUnsafe(bytes)
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, bytes)
    this.#at = HEADER.copy(this.#buffer)
  }

  row(version: number, { end, ...row }: TemporalRow): void {
    this.#int16(FIELDS)
    this.#int32(4)
    this.#int32(version)
    this.#uuid(row.submission)
    this.#bytes(this.#name(row.poll))
    this.#uuid(row.pseudonym)
    this.#int64(row.from)
    if (end) this.#int64(end.position)
    else this.#int32(NONE)
    this.#time(row.submittedAt)
    this.#time(row.changedAt)
    if (end) this.#time(end.time)
    else this.#int32(NONE)
    if (end) this.#bytes(this.#name(end.how))
    else this.#int32(NONE)
    this.#shares(row.shares)
  }

  end(): Buffer {
    this.#int16(NONE)
    return this.#buffer.subarray(0, this.#at)
  }

  #int16(value: number): void {
    this.#view.setInt16(this.#at, value)
    this.#at += 2
  }

  #int32(value: number): void {
    this.#view.setInt32(this.#at, value)
    this.#at += 4
  }

  #int64(value: bigint): void {
    this.#int32(8)
    this.#view.setBigInt64(this.#at, value)
    this.#at += 8
  }

  #time(milliseconds: number): void {
    const microseconds = (milliseconds - EPOCH_MS) * 1000
    // Some thousand years from now there are too many for a number.
    if (Number.isSafeInteger(microseconds)) {
      const high = Math.floor(microseconds / 2 ** 32)
      this.#int32(8)
      this.#int32(high)
      this.#int32((microseconds - high * 2 ** 32) | 0)
    } else this.#int64(BigInt(milliseconds - EPOCH_MS) * 1000n)
  }

  #bytes(bytes: Buffer): void {
    this.#int32(bytes.length)
    this.#at += bytes.copy(this.#buffer, this.#at)
  }

  /** @param digits 32 hexadecimal digits, with or without hyphens */
  #uuid(digits: string): void {
    this.#int32(16)
    const buffer = this.#buffer
    let at = this.#at
    for (let index = 0; index < digits.length; index += 2) {
      if (digits.charCodeAt(index) === HYPHEN) index++
      buffer[at++] = (nibbleOf[digits.charCodeAt(index)]! << 4) | nibbleOf[digits.charCodeAt(index + 1)]!
    }
    this.#at = at
  }

  /** An array of one dimension that begins at 1. */
  #shares(shares: readonly number[]): void {
    this.#int32(20 + SHARE_BYTES * shares.length)
    this.#int32(1)
    this.#int32(0)
    this.#int32(SMALLINT_OID)
    this.#int32(shares.length)
    this.#int32(1)
    for (const share of shares) {
      this.#int32(2)
      this.#int16(share)
    }
  }

  /** The few names that there are, as they are written. */
  #name(text: string): Buffer {
    let bytes = this.#names.get(text)
    if (bytes === undefined) {
      bytes = Buffer.from(text)
      this.#names.set(text, bytes)
    }
    return bytes
  }
}

/** Hyphens stand between whole bytes. */
const HYPHEN = 0x2d
/** Of hexadecimal digits, by their codes. */
const nibbleOf = Uint8Array.from(
  { length: 128 },
  (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0,
)
