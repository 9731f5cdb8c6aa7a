/**
 * Reads submissions out of the bytes of COPY without making objects of them: nearly all lines of the log are the same but
 * for their numbers, times and words.
 */
/** What stands between two pieces of fixed text. */
const Slot = { share: 0, instant: 1, text: 2, end: 3 } as const
type Slot = (typeof Slot)[keyof typeof Slot]

/** An instant as it is always written: `2026-11-23T10:00:00.000Z`. */
export const INSTANT_BYTES = 24

const [ZERO, NINE, QUOTE, BACKSLASH, SPACE] = [48, 57, 34, 92, 32]
/** Where its punctuation stands, and what it is. */
const INSTANT_MARKS = [4, 7, 10, 13, 16, 19, 23]
const MARK_BYTES = Buffer.from('--T::.Z')
/** A share has so many digits at most; what is larger than the whole is none. */
const LARGEST_SHARE = 0xffff

/** Where a matching line puts what it says. */
export interface SubmittedSink {
  /** For each category. */
  readonly shares: readonly Uint16Array[]
  /** Where each `occurredAt` begins. */
  readonly instants: Int32Array
}

/** The text that all submissions have in common of which one was read. */
export class SubmittedTemplate {
  readonly schemaVersion: number
  readonly poll: string
  readonly categories: readonly string[]
  /** What is of the same shape can stand in the same columns. */
  readonly shape: string
  /** No line that matches is shorter. */
  readonly leastBytes: number
  readonly #literals: readonly Uint8Array[]
  readonly #slots: readonly Slot[]

  private constructor(schemaVersion: number, { poll, allocation }: Submitted, parts: Parts) {
    this.schemaVersion = schemaVersion
    this.poll = poll
    this.categories = Object.keys(allocation)
    this.shape = JSON.stringify([schemaVersion, poll, this.categories])
    this.#literals = parts.literals.map((text) => Buffer.from(text))
    this.leastBytes = this.#literals.reduce((bytes, { length }) => bytes + length, 0)
    this.#slots = parts.slots
  }

  /**
   * @param row an event of which `text` is the data as it was stored
   * @returns undefined if others of its kind had better be parsed one by one
   */
  static of({ schemaVersion, data }: ReadRow, text: string): SubmittedTemplate | undefined {
    // As it is written, with nothing twice and nothing that COPY writes otherwise: then equal bytes are equal data.
    if (text.includes('\\') || !isSubmitted(data) || JSON.stringify(data) !== text) return undefined
    const parts: Parts = { literals: [`AllocationSubmitted\t${schemaVersion}\t`], slots: [] }
    if (!cut(data, [], parts)) return undefined
    parts.slots.push(Slot.end)
    const { length: instants } = parts.slots.filter((slot) => slot === Slot.instant)
    return instants === 1 ? new SubmittedTemplate(schemaVersion, data, parts) : undefined
  }

  /**
   * Looks whether the line goes on, from its type, as this one does.
   * @returns where its data ends; -1 if it is another, and what was put at `place` is worth nothing
   */
  match(bytes: Uint8Array, from: number, place: number, { shares, instants }: SubmittedSink): number {
    let at = from
    let share = 0
    for (let part = 0; part < this.#slots.length; part++) {
      const literal = this.#literals[part]!
      for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return -1
      at += literal.length
      switch (this.#slots[part]!) {
        case Slot.share: {
          const begin = at
          let value = 0
          for (let digit = bytes[at]!; digit >= ZERO && digit <= NINE; digit = bytes[at]!) {
            value = value * 10 + digit - ZERO
            if (value > LARGEST_SHARE) return -1
            at++
          }
          // Neither nothing, nor a zero in front.
          if (at === begin || (bytes[begin] === ZERO && at > begin + 1)) return -1
          shares[share++]![place] = value
          break
        }
        case Slot.instant:
          if (!isInstantAt(bytes, at)) return -1
          instants[place] = at
          at += INSTANT_BYTES
          break
        case Slot.text:
          for (let byte = bytes[at]!; byte !== QUOTE; byte = bytes[++at]!)
            if (byte === BACKSLASH || !(byte >= SPACE)) return -1
          break
        default:
          return at
      }
    }
    return -1
  }
}

/** What is needed of an event to make a template of it. */
export interface ReadRow {
  readonly schemaVersion: number
  readonly data: unknown
}

interface Submitted {
  readonly poll: string
  readonly allocation: Readonly<Record<string, unknown>>
}

interface Parts {
  /** One more than slots until the end is there, and then as many. */
  readonly literals: string[]
  readonly slots: Slot[]
}

function isSubmitted(data: unknown): data is Submitted {
  const { poll, allocation } = (data ?? {}) as { poll?: unknown; allocation?: unknown }
  return typeof poll === 'string' && typeof allocation === 'object' && allocation !== null
}

/** Cuts a value into what is the same in all and what is not. @returns whether it can be */
function cut(value: unknown, path: readonly string[], parts: Parts): boolean {
  const [name, within] = [path.at(-1), path.length]
  if (within === 2 && path[0] === 'allocation') {
    if (!Number.isInteger(value)) return false
    return slot(parts, Slot.share, '', '')
  }
  if (typeof value === 'string') {
    if (within === 1 && name === 'poll') return literal(parts, JSON.stringify(value))
    return slot(parts, within === 1 && name === 'occurredAt' ? Slot.instant : Slot.text, '"', '"')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  literal(parts, '{')
  for (const [index, [key, inner]] of Object.entries(value).entries()) {
    literal(parts, `${index === 0 ? '' : ','}${JSON.stringify(key)}:`)
    if (!cut(inner, [...path, key], parts)) return false
  }
  return literal(parts, '}')
}

function literal({ literals }: Parts, text: string): true {
  literals[literals.length - 1] += text
  return true
}

function slot(parts: Parts, kind: Slot, before: string, after: string): true {
  literal(parts, before)
  parts.slots.push(kind)
  parts.literals.push(after)
  return true
}

/** Whether the bytes from `at` on are an instant. */
export function isInstantAt(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < INSTANT_MARKS.length; index++)
    if (bytes[at + INSTANT_MARKS[index]!] !== MARK_BYTES[index]) return false
  return (
    isNumber(bytes, at, 0, 99) &&
    isNumber(bytes, at + 2, 0, 99) &&
    isNumber(bytes, at + 5, 1, 12) &&
    isNumber(bytes, at + 8, 1, 31) &&
    isNumber(bytes, at + 11, 0, 23) &&
    isNumber(bytes, at + 14, 0, 59) &&
    isNumber(bytes, at + 17, 0, 59) &&
    isNumber(bytes, at + 20, 0, 99) &&
    isDigit(bytes[at + 22]!)
  )
}

/** Two digits, of a number in bounds. */
function isNumber(bytes: Uint8Array, at: number, least: number, most: number): boolean {
  const [tens, ones] = [bytes[at]!, bytes[at + 1]!]
  const value = (tens - ZERO) * 10 + ones - ZERO
  return isDigit(tens) && isDigit(ones) && value >= least && value <= most
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE
