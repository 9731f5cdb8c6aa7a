import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem, type ProblemDetails } from '../../errors.ts'
import type { Position } from '../../events/event-log.ts'
import type { SubmissionRow, SubmissionRows } from '../../projections/submission-rows.ts'
import type { Answer, ResultsQuery } from '../results.ts'
import { primed } from './counted-rows.ts'
import { encoderFor } from './encode.ts'
import type { Rows } from './encoder.ts'
import { type ExportStream, exportStream, type LeastPace } from './export-stream.ts'
import { type Files, FilesHere } from './files.ts'
import type { ExportFormat } from './formats.ts'
import { type KnownMoment, type MomentAsked, Moments } from './moments.ts'
import { Slots } from './slots.ts'

export interface ExportsOptions {
  readonly rows: SubmissionRows
  /** Who makes whole exports; unset: this thread. They are closed with the exports. */
  readonly files?: Files | undefined
  readonly results: Pick<ResultsQuery, 'results'>
  /** Whole exports under way at once in this process. */
  readonly atOnce?: number
  /** A reader who takes hardly anything for so long, milliseconds, is given up. */
  readonly stallMs?: number
  /** Hardly anything: fewer bytes. */
  readonly leastBytes?: number
  /** For so long, milliseconds, the rows may be behind the results before that is told. */
  readonly patienceMs?: number
}

/** A part of an export, as a whole file of its own. */
export interface ExportPage {
  readonly bytes: Buffer
  readonly rows: number
  /** Hexadecimal. */
  readonly sha256: string
  /** Go on after this position; undefined: there is no more. */
  readonly next: Position | undefined
}

const LOOK_EVERY_MS = 50
/** Nobody shall wait for others who are slow to take whole exports: pages are made in memory, and quickly. */
const PAGES_AT_ONCE = 4
/** Of whole exports, so that there is a place for somebody else. */
const EACH = 2
/** In a minute: 70 kbit/s, a bad connection of a telephone. */
const LEAST_BYTES = 512 * 1024

/**
 * Submissions as files. Each is of the very moment of published results, and fails rather than ends if it does not have
 * as many rows as these count.
 */
export class Exports {
  readonly #rows: SubmissionRows
  readonly #files: Files
  readonly #moments: Moments
  readonly #slots: Slots
  readonly #pageSlots = new Slots({ atOnce: PAGES_AT_ONCE })
  readonly #pace: LeastPace
  readonly #patienceMs: number
  readonly #underWay = new Set<AbortController>()
  /** The rows have come at least so far. */
  #reached: Position = 0n

  constructor(options: ExportsOptions) {
    const { rows, files, results, atOnce = 4, patienceMs = 2000 } = options
    const { stallMs = 60_000, leastBytes = LEAST_BYTES } = options
    this.#rows = rows
    this.#files = files ?? new FilesHere(rows)
    this.#moments = new Moments(results)
    this.#slots = new Slots({ atOnce, each: EACH })
    this.#pace = { bytes: leastBytes, within: stallMs }
    this.#patienceMs = patienceMs
  }

  /** What an export of that moment is of. @throws {Problem} as `ResultsQuery.results` */
  moment(poll: string, asked: MomentAsked): Promise<KnownMoment> {
    return this.#moments.find(poll, asked)
  }

  /** The same, with the results of that moment. @throws {Problem} as `ResultsQuery.results` */
  published(poll: string, asked: MomentAsked): Promise<{ moment: KnownMoment; answer: Answer }> {
    return this.#moments.publish(poll, asked)
  }

  /**
   * Everything of that moment.
   * @param by who asks, if that is known: the place for one more is for somebody else
   * @returns a stream that the caller must read to its end or destroy
   * @throws {Problem} SUBMISSIONS_UNAVAILABLE, EXPORT_BUSY
   */
  async open(moment: KnownMoment, format: ExportFormat, by?: string): Promise<ExportStream> {
    const { stop, end } = this.#begin(this.#slots.take(by))
    try {
      await this.#reach(moment.position)
      const stream = exportStream(await this.#files.make(moment, format, stop.signal), this.#pace)
      stream.body.once('close', end)
      stop.signal.addEventListener('abort', () => stream.body.destroy(stop.signal.reason as Error))
      return stream
    } catch (error) {
      end()
      throw error
    }
  }

  /**
   * The rows with positions above `after`, `limit` at most; held in memory.
   * @throws {Problem} SUBMISSIONS_UNAVAILABLE, EXPORT_BUSY
   */
  async page(
    moment: KnownMoment,
    format: ExportFormat,
    { after, limit }: { readonly after: Position; readonly limit: number },
  ): Promise<ExportPage> {
    const { stop, end } = this.#begin(this.#pageSlots.take())
    try {
      await this.#reach(moment.position)
      // One more than is wanted tells whether there is more.
      const options = { after, limit: limit + 1, signal: stop.signal }
      const found: SubmissionRow[] = []
      const rows = this.#rows.rows(moment.definition.poll, moment.at, options)
      for await (const batch of await primed(rows, stop.signal)) found.push(...batch)
      const page = found.slice(0, limit)
      const encode = await encoderFor(format, async () => inOneBatch(page))
      const bytes = Buffer.concat(await Array.fromAsync(encode(moment, inOneBatch(page))))
      const next = found.length > limit ? page.at(-1)?.position : undefined
      return { bytes, rows: page.length, sha256: hash('sha256', bytes), next }
    } finally {
      end()
    }
  }

  /** Cuts off what is under way. */
  async close(): Promise<void> {
    for (const stop of this.#underWay) stop.abort(new Error('the service is closing'))
    await this.#files.close()
  }

  /** `end` gives the place back that was taken. */
  #begin(release: () => void): { stop: AbortController; end: () => void } {
    const stop = new AbortController()
    this.#underWay.add(stop)
    const end = () => {
      this.#underWay.delete(stop)
      release()
      stop.abort()
    }
    return { stop, end }
  }

  /** Waits until the rows have come as far as the results. @throws {Problem} SUBMISSIONS_UNAVAILABLE */
  async #reach(position: Position): Promise<void> {
    const until = performance.now() + this.#patienceMs
    for (; this.#reached < position; await sleep(LOOK_EVERY_MS)) {
      this.#reached = await this.#rows.checkpoint().catch((cause: unknown) => {
        throw unavailable({ cause })
      })
      if (this.#reached < position && performance.now() > until)
        throw unavailable(behind(this.#reached, position))
    }
  }
}

const unavailable = (details: ProblemDetails): Problem =>
  new Problem('SUBMISSIONS_UNAVAILABLE', { retryAfter: 5, ...details })

const behind = (rows: Position, results: Position): ProblemDetails => ({
  detail: `Submissions can be read up to position ${rows}; the results are at ${results}.`,
})

async function* inOneBatch(rows: readonly SubmissionRow[]): Rows {
  yield rows
}
