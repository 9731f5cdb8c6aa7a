/** How every figure is measured: two sides in turns within one run, because machines differ and have bad minutes. */

/** One side of a comparison. */
export interface Side {
  /** What it does, for the table. */
  readonly name: string
  readonly unit: string
  /** Measures once. @throws if what it measured was not right: fast and wrong is no figure */
  run(): Promise<number>
}

export type Target = { readonly atLeast: number } | { readonly atMost: number }

export interface Figure {
  readonly what: string
  readonly target: Target
  /** Of the figure itself; empty for a ratio. */
  readonly unit: string
}

/** What one side measured, over all rounds. */
export interface Summary {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Measured extends Figure {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
  readonly met: boolean
  readonly sides: readonly Summary[]
}

/**
 * Measures A B A B …; the figure is the median of the quotients a/b of each pair.
 * @param rounds pairs that count; one more goes before them to warm up
 */
export async function compare(
  figure: Figure,
  [a, b]: readonly [Side, Side],
  rounds: number,
): Promise<Measured> {
  const pairs: [number, number][] = []
  for (let round = 0; round <= rounds; round++) {
    const pair: [number, number] = [await a.run(), await b.run()]
    if (round > 0) pairs.push(pair)
  }
  const sides = [a, b].map((side, index) =>
    summarise(
      side,
      pairs.map((pair) => pair[index]!),
    ),
  )
  return judge(
    figure,
    pairs.map(([left, right]) => left / right),
    sides,
  )
}

/** A figure that is no ratio: the median of its values. */
export const judge = (
  figure: Figure,
  values: readonly number[],
  sides: readonly Summary[] = [],
): Measured => {
  const { median, min, max } = summarise({ name: '', unit: '' }, values)
  const met = 'atLeast' in figure.target ? median >= figure.target.atLeast : median <= figure.target.atMost
  return { ...figure, median, min, max, rounds: values.length, met, sides }
}

/** @throws {RangeError} without values */
export function summarise({ name, unit }: Pick<Side, 'name' | 'unit'>, values: readonly number[]): Summary {
  const sorted = [...values].sort((x, y) => x - y)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new RangeError(`nothing was measured of ${name}`)
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
  return { name, unit, median, min, max }
}

/** Stops the benchmark when what it measures is not right. */
export function check(right: boolean, otherwise: string): asserts right {
  if (!right) throw new Error(`not measured, because ${otherwise}`)
}
