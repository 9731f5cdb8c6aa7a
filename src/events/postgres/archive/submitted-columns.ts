/** Submissions that stand in columns, cut out of them as runs. */
import type { SubmittedRun } from '../../submitted-run.ts'
import type { ShapeTree } from './packed-data.ts'

/** A shorter run is not worth it. */
export const LEAST_RUN = 8

/** What a fold wants of the submissions of one shape; undefined is anything that has no such column. */
export interface SubmittedColumns {
  readonly poll: (place: number) => string
  readonly occurredAt: (place: number) => string
  readonly categories: readonly string[]
  readonly shares: readonly Uint16Array[]
}

type Column = Uint16Array | Int32Array | ((place: number) => string)

/** Finds them among the columns of a shape. @returns undefined if one is missing, or of another kind */
export function submittedColumns(
  tree: ShapeTree | null,
  columns: readonly Column[],
): SubmittedColumns | undefined {
  const column = (at: number | ShapeTree | undefined) => (typeof at === 'number' ? columns[at] : undefined)
  const [poll, occurredAt, allocation] = [column(tree?.poll), column(tree?.occurredAt), tree?.allocation]
  if (typeof poll !== 'function' || typeof occurredAt !== 'function' || typeof allocation !== 'object')
    return undefined
  const shares = Object.values(allocation).map(column)
  if (!shares.every((each) => each instanceof Uint16Array)) return undefined
  return { poll, occurredAt, categories: Object.keys(allocation), shares }
}

/** So many of them from this place in the shape on, of which the first one's poll is that of all. */
export function runOf(
  { poll, occurredAt, categories, shares }: SubmittedColumns,
  place: number,
  length: number,
): Omit<SubmittedRun, 'at' | 'length' | 'schemaVersion'> {
  return {
    poll: poll(place),
    categories,
    shares: shares.map((column) => column.subarray(place, place + length)),
    occurredAt: (index) => occurredAt(place + index),
  }
}
