import type { SubmittedRun } from '../../submitted-run.ts'
import {
  PACKED_VERSION,
  type PackedColumn,
  type PackedHeader,
  type PackedShape,
  paddedLength,
  type ShapeTree,
} from './packed-data.ts'
import { LEAST_RUN, runOf, type SubmittedColumns, submittedColumns } from './submitted-columns.ts'

type Build = (row: number) => unknown

/** A shape that can make the data of its events. */
interface Builder {
  readonly type: string
  readonly schemaVersion: number
  /** By the event's place among those of its shape; undefined: the text has to be parsed. */
  readonly build: Build | undefined
  /** If they are submissions whose shares stand in columns. */
  readonly submitted: SubmittedColumns | undefined
}

/** The events' data out of what `packData` made, each made when it is asked for. */
export class UnpackedData {
  readonly #shapes: readonly Builder[]
  readonly #shapeOf: Uint16Array
  readonly #placeInShape: Uint32Array

  /** @param packed begins at a multiple of 4 in its buffer. @throws {Error} a version that is not known */
  constructor(packed: Uint8Array, rows: number) {
    const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
    const version = view.getUint32(0, true)
    if (version !== PACKED_VERSION) throw new Error(`packed data of version ${version}`)
    const parts = new Parts(packed, 8)
    const { shapes } = JSON.parse(parts.take(view.getUint32(4, true)).toString()) as PackedHeader
    const shapeBytes = parts.take(rows * 2)
    this.#shapeOf = new Uint16Array(shapeBytes.buffer, shapeBytes.byteOffset, rows)
    this.#shapes = shapes.map((shape) => builder(shape, parts))
    this.#placeInShape = placesInShape(this.#shapeOf, shapes.length)
  }

  type(row: number): string {
    return this.#shapes[this.#shapeOf[row]!]!.type
  }

  schemaVersion(row: number): number {
    return this.#shapes[this.#shapeOf[row]!]!.schemaVersion
  }

  /** The runs of submissions among the rows from `row` up to, but without, `end`; places are counted from `row`. */
  runs(row: number, end: number): SubmittedRun[] {
    const found: SubmittedRun[] = []
    for (let from = row; from < end; ) {
      const until = this.#endOfRun(from, end)
      const { schemaVersion, submitted } = this.#shapes[this.#shapeOf[from]!]!
      if (submitted && until - from >= LEAST_RUN)
        found.push({
          ...{ at: from - row, length: until - from, schemaVersion },
          ...runOf(submitted, this.#placeInShape[from]!, until - from),
        })
      from = until
    }
    return found
  }

  #endOfRun(from: number, end: number): number {
    const shape = this.#shapeOf[from]!
    const poll = this.#shapes[shape]!.submitted?.poll
    const name = poll?.(this.#placeInShape[from]!)
    let until = from + 1
    while (until < end && this.#shapeOf[until] === shape && poll?.(this.#placeInShape[until]!) === name)
      until++
    return until
  }

  /** The event's data; undefined if it was not packed. */
  data(row: number): unknown {
    const { build } = this.#shapes[this.#shapeOf[row]!]!
    return build?.(this.#placeInShape[row]!)
  }
}

/** The parts one after the other. */
class Parts {
  readonly #bytes: Uint8Array
  #offset: number

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  take(length: number): Buffer {
    const { buffer, byteOffset, byteLength } = this.#bytes
    const offset = this.#offset
    // The header is padded from its own beginning, which is a multiple of 4 too.
    this.#offset += paddedLength(length)
    if (offset + length > byteLength) throw new Error('packed data ends too early')
    return Buffer.from(buffer, byteOffset + offset, length)
  }
}

function placesInShape(shapeOf: Uint16Array, shapes: number): Uint32Array {
  const counts = new Uint32Array(shapes)
  const places = new Uint32Array(shapeOf.length)
  for (let row = 0; row < places.length; row++) places[row] = counts[shapeOf[row]!]!++
  return places
}

function builder({ type, schemaVersion, rows, tree, columns }: PackedShape, parts: Parts): Builder {
  const read = columns.map((column) => readColumn(column, rows, parts))
  const build = tree === null ? undefined : buildTree(tree, read)
  return {
    type,
    schemaVersion,
    build,
    submitted: type === 'AllocationSubmitted' ? submittedColumns(tree, read) : undefined,
  }
}

type Numbers = Uint16Array | Int32Array

/** The values of a column, by the event's place in the shape. */
function readColumn(column: PackedColumn, rows: number, parts: Parts): Numbers | ((row: number) => string) {
  switch (column.kind) {
    case 'u16': {
      const { buffer, byteOffset } = parts.take(rows * 2)
      return new Uint16Array(buffer, byteOffset, rows)
    }
    case 'i32': {
      const { buffer, byteOffset } = parts.take(rows * 4)
      return new Int32Array(buffer, byteOffset, rows)
    }
    case 'word': {
      const [places, { words }] = [parts.take(rows), column]
      return (row) => words[places[row]!]!
    }
    case 'text': {
      const { length } = column
      // One text of which the values are slices: nothing is copied again.
      const all = parts.take(rows * length).toString('latin1')
      return (row) => all.slice(row * length, (row + 1) * length)
    }
    default:
      return column satisfies never
  }
}

/** Copying an object that has all its keys is several times as fast as adding them one by one. */
function buildTree(tree: ShapeTree, columns: readonly ReturnType<typeof readColumn>[]): Build {
  const template: Record<string, unknown> = {}
  const [numberKeys, numbers]: [string[], Numbers[]] = [[], []]
  const [otherKeys, others]: [string[], Build[]] = [[], []]
  for (const [key, at] of Object.entries(tree)) {
    const column = typeof at === 'number' ? columns[at]! : buildTree(at, columns)
    const isNumber = typeof column !== 'function'
    template[key] = isNumber ? 0 : typeof at === 'number' ? '' : {}
    if (isNumber) {
      numberKeys.push(key)
      numbers.push(column)
    } else {
      otherKeys.push(key)
      others.push(column)
    }
  }
  return (row) => {
    const built = { ...template }
    for (let index = 0; index < numbers.length; index++) built[numberKeys[index]!] = numbers[index]![row]
    for (let index = 0; index < others.length; index++) built[otherKeys[index]!] = others[index]!(row)
    return built
  }
}
