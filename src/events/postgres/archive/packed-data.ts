/**
 * The data of a row group's events in a form that is read several times as fast as JSON: the column `packed` of an
 * archive. It only repeats what the column `data` has as text, so whoever does not know it loses nothing.
 *
 * Version 1, all numbers little-endian: u32 how long it is, and then, compressed by zstd:
 *
 *     u32 version, u32 length of the header, the header in JSON, then parts that each begin at a multiple of 4:
 *     u16 for each event: which shape of the header it has; then the columns of the shapes, in the header's order
 *
 * Events of one shape have the same type, schema version and keys, with a whole number or a text behind each; a key's
 * values stand together in a column. Where the data is not like that (lists, fractions, texts of any length) the shape
 * has no tree, and `data` has to be parsed.
 */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'

export const PACKED_VERSION = 1

/** How the values of one key are stored, one after the other. */
export type PackedColumn =
  | { readonly kind: 'u16' | 'i32' }
  /** One byte a value: its place among the words. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** So many characters of ISO 8859-1 a value. */
  | { readonly kind: 'text'; readonly length: number }

/** Key → number of its column in the shape, or what is nested in it. */
export interface ShapeTree {
  readonly [key: string]: number | ShapeTree
}

export interface PackedShape {
  readonly type: string
  readonly schemaVersion: number
  /** Events that have it. */
  readonly rows: number
  readonly tree: ShapeTree | null
  readonly columns: readonly PackedColumn[]
}

export interface PackedHeader {
  readonly shapes: readonly PackedShape[]
}

/** What is packed of an event. */
export interface PackableRow {
  readonly type: string
  readonly schemaVersion: number
  /** JSON. */
  readonly data: string
}

type Leaf = number | string

/** Events of one shape while they are gathered: the values of each key in turn. */
interface Gathered {
  readonly type: string
  readonly schemaVersion: number
  readonly tree: ShapeTree | null
  readonly values: Leaf[][]
  rows: number
}

/** A group with more different shapes has no pattern that would be worth packing. */
const MAX_SHAPES = 500

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]

/** As it stands in the file. */
export async function compressPacked(packed: Buffer): Promise<Buffer> {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(packed.length)
  return Buffer.concat([length, await compress(packed)])
}

/** What `packData` made. */
export async function decompressPacked(bytes: Uint8Array): Promise<Buffer> {
  const { buffer, byteOffset, byteLength } = bytes
  const length = new DataView(buffer, byteOffset, byteLength).getUint32(0, true)
  // In one piece: every further one would come through the event loop and be copied.
  return await decompress(bytes.subarray(4), {
    chunkSize: Math.max(length, 64),
    maxOutputLength: Math.max(length, 64),
  })
}

/** Packs the events of a row group, not compressed yet. At most 65 536. */
export function packData(rows: readonly PackableRow[]): Buffer {
  const shapes = new Map<string, Gathered>()
  const order = rows.map((row) => gather(shapes, row))
  const gathered = [...shapes.values()]
  const packed = gathered.map(packShape)
  const numbers = new Map(gathered.map((shape, number) => [shape, number]))
  const header: PackedHeader = { shapes: packed.map(({ shape }) => shape) }
  const text = Buffer.from(JSON.stringify(header))
  const head = Buffer.alloc(8)
  head.writeUInt32LE(PACKED_VERSION, 0)
  head.writeUInt32LE(text.length, 4)
  const shapeNumbers = bytesOf(Uint16Array.from(order, (shape) => numbers.get(shape)!))
  return Buffer.concat(
    [head, text, shapeNumbers, ...packed.flatMap(({ parts }) => parts)].flatMap((part, index) =>
      // The header's text follows its length at once.
      index === 0 ? [part] : [part, padding(part.length)],
    ),
  )
}

/** Parts begin at multiples of 4, so that they can be read in place. */
export const paddedLength = (length: number): number => (length + 3) & ~3
const padding = (length: number): Buffer => Buffer.alloc(paddedLength(length) - length)
const bytesOf = (array: Uint16Array | Int32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength)

function gather(shapes: Map<string, Gathered>, { type, schemaVersion, data }: PackableRow): Gathered {
  const leaves: Leaf[] = []
  const tree = treeOf(JSON.parse(data), leaves)
  const fits = tree !== undefined && shapes.size < MAX_SHAPES
  const key = JSON.stringify([
    type,
    schemaVersion,
    fits ? tree : null,
    fits ? leaves.map((l) => typeof l) : 0,
  ])
  let shape = shapes.get(key)
  if (!shape) {
    shape = {
      type,
      schemaVersion,
      tree: fits ? tree : null,
      values: fits ? leaves.map(() => []) : [],
      rows: 0,
    }
    shapes.set(key, shape)
  }
  shape.rows++
  for (const [column, values] of shape.values.entries()) values.push(leaves[column]!)
  return shape
}

/** The data's keys, its values gathered in `leaves`; undefined if it holds anything but objects, whole numbers and texts. */
function treeOf(data: unknown, leaves: Leaf[]): ShapeTree | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined
  const tree: Record<string, number | ShapeTree> = {}
  for (const [key, value] of Object.entries(data)) {
    if (key === '__proto__') return undefined
    if (typeof value === 'string' || isSmallInteger(value)) tree[key] = leaves.push(value) - 1
    else {
      const nested = treeOf(value, leaves)
      if (nested === undefined) return undefined
      tree[key] = nested
    }
  }
  return tree
}

const isSmallInteger = (value: unknown): value is number =>
  typeof value === 'number' && value === (value | 0) && !Object.is(value, -0)

/** The columns of a shape; without them if one cannot be packed. */
function packShape({ type, schemaVersion, rows, tree, values }: Gathered): {
  shape: PackedShape
  parts: Buffer[]
} {
  const packed = values.map(packColumn)
  const whole = packed.every((each) => each !== undefined)
  const columns = whole ? packed.map(({ column }) => column) : []
  const shape = { type, schemaVersion, rows, tree: whole ? tree : null, columns }
  return { shape, parts: whole ? packed.map(({ bytes }) => bytes) : [] }
}

/** A word that comes again and again is found quicker among few. */
const FEW_WORDS = 16
const MANY_WORDS = 256

function packColumn(values: readonly Leaf[]): { column: PackedColumn; bytes: Buffer } | undefined {
  if (typeof values[0] === 'number') return packIntegers(values as readonly number[])
  const texts = values as readonly string[]
  const words = [...new Set(texts)]
  const { length } = texts[0]!
  const sameLength = texts.every((text) => text.length === length && isLatin1(text))
  if (words.length > FEW_WORDS && sameLength)
    return { column: { kind: 'text', length }, bytes: Buffer.from(texts.join(''), 'latin1') }
  if (words.length > MANY_WORDS) return undefined
  const places = new Map(words.map((word, place) => [word, place]))
  return { column: { kind: 'word', words }, bytes: Buffer.from(texts.map((text) => places.get(text)!)) }
}

function packIntegers(values: readonly number[]): { column: PackedColumn; bytes: Buffer } {
  return values.every((value) => value >= 0 && value <= 0xffff)
    ? { column: { kind: 'u16' }, bytes: bytesOf(Uint16Array.from(values)) }
    : { column: { kind: 'i32' }, bytes: bytesOf(Int32Array.from(values)) }
}

const isLatin1 = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false
  return true
}
