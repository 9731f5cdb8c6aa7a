import type { SubmittedRun } from '../submitted-run.ts'
import { INSTANT_BYTES, type SubmittedSink, type SubmittedTemplate } from './submitted-template.ts'

/** A shorter run is not worth it. */
const LEAST_RUN = 8
const TAB = 9

/** All submissions of a batch that can stand in the same columns. */
interface Columns extends SubmittedSink {
  readonly template: SubmittedTemplate
  used: number
}

/** Some of them whose lines follow each other. */
interface Run {
  readonly columns: Columns
  /** Of the first one: among the lines, and in the columns. */
  readonly at: number
  readonly place: number
  length: number
}

/** The submissions among some lines, in columns. */
export class LinesInColumns {
  readonly #bytes: Buffer
  readonly #columns = new Map<string, Columns>()
  readonly #runs: Run[] = []

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /**
   * Takes a line if it is as the template has it.
   * @param from where its type begins; `line` is its place among the lines
   * @returns where its data ends, else -1
   */
  take(template: SubmittedTemplate, from: number, line: number): number {
    const columns = this.#columns.get(template.shape) ?? this.#prepare(template)
    const end = template.match(this.#bytes, from, columns.used, columns)
    if (end < 0 || this.#bytes[end] !== TAB) return -1
    const last = this.#runs.at(-1)
    if (last?.columns === columns && last.at + last.length === line) last.length++
    else this.#runs.push({ columns, at: line, place: columns.used, length: 1 })
    columns.used++
    return end
  }

  runs(): SubmittedRun[] {
    return this.#runs.filter(({ length }) => length >= LEAST_RUN).map((run) => this.#runOf(run))
  }

  #prepare(template: SubmittedTemplate): Columns {
    const most = Math.ceil(this.#bytes.length / template.leastBytes)
    const shares = template.categories.map(() => new Uint16Array(most))
    const columns = { template, shares, instants: new Int32Array(most), used: 0 }
    this.#columns.set(template.shape, columns)
    return columns
  }

  #runOf({ columns, at, place, length }: Run): SubmittedRun {
    const { template, shares, instants } = columns
    const { schemaVersion, poll, categories } = template
    const instant = (from: number) => this.#bytes.toString('latin1', from, from + INSTANT_BYTES)
    const { first, last } = this.#span(instants, place, place + length)
    return {
      ...{ at, length, schemaVersion, poll, categories },
      shares: shares.map((column) => column.subarray(place, place + length)),
      occurredAt: (index) => instant(instants[place + index]!),
      span: { earliest: instant(first), latest: instant(last) },
    }
  }

  /** Where the earliest and the latest of these instants stand. */
  #span(instants: Int32Array, from: number, to: number): { first: number; last: number } {
    let [first, last] = [instants[from]!, instants[from]!]
    for (let place = from + 1; place < to; place++) {
      const at = instants[place]!
      if (isLater(this.#bytes, at, last)) last = at
      else if (isLater(this.#bytes, first, at)) first = at
    }
    return { first, last }
  }
}

function isLater(bytes: Buffer, one: number, other: number): boolean {
  for (let index = 0; index < INSTANT_BYTES; index++) {
    const difference = bytes[one + index]! - bytes[other + index]!
    if (difference !== 0) return difference > 0
  }
  return false
}
