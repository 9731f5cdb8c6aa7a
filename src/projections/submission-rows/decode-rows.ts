import type { SubmissionRow } from '../submission-rows.ts'
import { instant } from './copy-rows.ts'

/** What `decodeRows` reads, in its order. */
export const READ_COLUMNS = 'from_position, pseudonym, submitted_at, changed_at, shares'

/** Signature, flags, and the length of an extension that is not there. */
const HEADER_BYTES = 19
const END_OF_ROWS = -1
/** PostgreSQL counts time in microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
/** Each field is preceded by its length in four bytes. */
const LENGTH = 4

/** Where the fields of a row begin, from the row's first byte. */
const POSITION = 2 + LENGTH
const PSEUDONYM = POSITION + 8 + LENGTH
const SUBMITTED_AT = PSEUDONYM + 16 + LENGTH
const CHANGED_AT = SUBMITTED_AT + 8 + LENGTH
/** An array: dimensions, flags, type, then the size and the lower bound of its one dimension. */
const SHARES = CHANGED_AT + 8 + LENGTH
const SIZE = SHARES + 12
const ELEMENTS = SIZE + 8
const ELEMENT_BYTES = LENGTH + 2

/**
 * Reads a whole answer to COPY of `READ_COLUMNS` in PostgreSQL's binary format, in batches.
 * @param size rows in a batch
 */
export function* decodeRows(answer: Buffer, size: number): Generator<SubmissionRow[]> {
  let batch: SubmissionRow[] = []
  for (let at = HEADER_BYTES; answer.readInt16BE(at) !== END_OF_ROWS; ) {
    const length = answer.readInt32BE(at + SIZE)
    batch.push(decodeRow(answer, at, length))
    at += ELEMENTS + length * ELEMENT_BYTES
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function decodeRow(answer: Buffer, at: number, length: number): SubmissionRow {
  const shares = new Array<number>(length)
  for (let index = 0; index < length; index++)
    shares[index] = answer.readInt16BE(at + ELEMENTS + index * ELEMENT_BYTES + LENGTH)
  const [submitted, changed] = [timeAt(answer, at + SUBMITTED_AT), timeAt(answer, at + CHANGED_AT)]
  const submittedAt = instant(submitted)
  return {
    position: answer.readBigInt64BE(at + POSITION),
    pseudonym: answer.toString('hex', at + PSEUDONYM, at + PSEUDONYM + 16),
    submittedAt,
    changedAt: changed === submitted ? submittedAt : instant(changed),
    shares,
  }
}

const timeAt = (answer: Buffer, at: number): number =>
  (answer.readInt32BE(at) * 2 ** 32 + answer.readUInt32BE(at + 4)) / 1000 + EPOCH_MS
