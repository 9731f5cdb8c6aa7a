/** One line of a picture. Shares are in basis points. */
export interface DrawnRow {
  readonly label: string
  /** `#rrggbb`; undefined: a line of text alone. */
  readonly colour?: string | undefined
  /** Undefined where there is nothing to measure yet: the label stands alone. */
  readonly value?: number | undefined
  /** What is written at the end of the row. */
  readonly text?: string
  /** A second, slimmer bar below. */
  readonly second?: number | undefined
}

/** What a picture says: 1200 × 630 pixels, as social networks show them. All texts are in one language, of any length. */
export interface Drawing {
  readonly site: string
  readonly title: string
  readonly subtitle: string
  /** Beside the site's name at the bottom. */
  readonly note: string
  /** What the bars are, if there are two in a row. */
  readonly legend: readonly { readonly label: string; readonly of: 'value' | 'second' }[]
  /** At most `MOST_ROWS`. */
  readonly rows: readonly DrawnRow[]
}

export const PICTURE = { width: 1200, height: 630 } as const

/** More would be too small to be read. */
export const MOST_ROWS = 20

/** The first of all rows, in their order; of too many the largest, and how many there are beside them. */
export function fewEnough<Row extends { readonly value?: number | undefined }>(
  rows: readonly Row[],
  most: number,
): { readonly shown: readonly Row[]; readonly left: number } {
  if (rows.length <= most) return { shown: rows, left: 0 }
  const shown = rows.toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0)).slice(0, most - 1)
  return { shown, left: rows.length - shown.length }
}
