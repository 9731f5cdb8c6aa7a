import { createHash } from 'node:crypto'
import type { SubmissionRows } from '../../projections/submission-rows.ts'
import { countRows, primed } from './counted-rows.ts'
import { encoderFor } from './encode.ts'
import type { ExportFormat } from './formats.ts'
import type { KnownMoment } from './moments.ts'

/** A file that is being made, as fast as its chunks are taken. */
export interface FileInMaking {
  /** They fail rather than end early. */
  readonly chunks: AsyncIterable<Buffer>
  /** Rows so far. */
  readonly rows: () => number
  /** Of everything, hexadecimal; undefined before the chunks have ended. */
  readonly sha256: () => string | undefined
}

/** Makes files of everything at a moment. */
export interface Files {
  /**
   * @param signal breaks it off, and must be aborted in the end, however it ends
   * @returns when the first rows have been read
   * @throws {Problem} SUBMISSIONS_UNAVAILABLE, here and in the middle
   */
  make(moment: KnownMoment, format: ExportFormat, signal: AbortSignal): Promise<FileInMaking>
  close(): Promise<void>
}

/** Makes them in this thread. */
export class FilesHere implements Files {
  readonly #rows: SubmissionRows

  constructor(rows: SubmissionRows) {
    this.#rows = rows
  }

  async make(moment: KnownMoment, format: ExportFormat, signal: AbortSignal): Promise<FileInMaking> {
    const count = { rows: 0 }
    const rows = () => {
      count.rows = 0
      const all = this.#rows.rows(moment.definition.poll, moment.at, { signal })
      return primed(countRows(all, count, moment.counted), signal)
    }
    const encode = await encoderFor(format, rows)
    const encoded = encode(moment, await rows())
    const hash = createHash('sha256')
    let sha256: string | undefined
    const chunks = async function* () {
      for await (const chunk of encoded) {
        hash.update(chunk)
        yield chunk
      }
      sha256 = hash.digest('hex')
    }
    return { chunks: chunks(), rows: () => count.rows, sha256: () => sha256 }
  }

  async close(): Promise<void> {}
}
