import { type FileHandle, open } from 'node:fs/promises'
import { group } from '../progress.ts'
import type { RejectedLine } from './ballot-file.ts'

/** How many are shown at the end; all of them go into the report. */
const SHOWN = 10

/** Collects rejected lines: the first few for the person, all of them for the report. */
export class RejectedLines {
  readonly #report: FileHandle | undefined
  readonly #shown: RejectedLine[] = []
  #count = 0

  private constructor(report: FileHandle | undefined) {
    this.#report = report
  }

  /** @param reportFile is written anew: a JSON object a line, `{"line":12,"reason":"…"}` */
  static async create(reportFile: string | undefined): Promise<RejectedLines> {
    return new RejectedLines(reportFile === undefined ? undefined : await open(reportFile, 'w'))
  }

  get count(): number {
    return this.#count
  }

  async add({ line, reason }: RejectedLine): Promise<void> {
    this.#count++
    if (this.#shown.length < SHOWN) this.#shown.push({ line, reason })
    await this.#report?.appendFile(`${JSON.stringify({ line, reason })}\n`)
  }

  /** One line of text for each of the first few, and how many more there are. */
  describe(): string[] {
    const more = this.#count - this.#shown.length
    return [
      ...this.#shown.map(({ line, reason }) => `line ${line}: ${reason}`),
      ...(more > 0
        ? [`… and ${group(more)} more${this.#report ? '' : ' (--report FILE lists them all)'}`]
        : []),
    ]
  }

  async close(): Promise<void> {
    await this.#report?.close()
  }
}
