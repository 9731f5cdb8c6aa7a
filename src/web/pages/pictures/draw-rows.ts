import type { DrawnRow } from './drawing.ts'
import { box, ink, MARGIN, WIDTH, written } from './svg.ts'
import type { Typesetter, Weight } from './typesetter.ts'

const COLUMN_GAP = 48

/** The rows between two heights, in two columns if there are many. */
export function rowsOf(
  rows: readonly DrawnRow[],
  top: number,
  bottom: number,
  typesetter: Typesetter,
): string[] {
  const isMeasured = rows.some(({ value }) => value !== undefined)
  const columns = rows.length > (isMeasured ? 10 : 5) ? 2 : 1
  const perColumn = Math.ceil(rows.length / columns)
  const height = Math.min(76, (bottom - top) / perColumn)
  const width = (WIDTH - (columns - 1) * COLUMN_GAP) / columns
  const plan = planOf(rows, width, height, columns, typesetter)
  return rows.flatMap((row, index) => {
    const x = MARGIN + Math.floor(index / perColumn) * (width + COLUMN_GAP)
    const y = top + (index % perColumn) * height
    return rowOf(row, { ...plan, x, y, width, height }, typesetter)
  })
}

interface Plan {
  readonly size: number
  /** How much room the labels have, and the numbers. */
  readonly labels: number
  readonly numbers: number
  /** Basis points at the end of the bars. */
  readonly end: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function planOf(
  rows: readonly DrawnRow[],
  width: number,
  height: number,
  columns: number,
  typesetter: Typesetter,
): Pick<Plan, 'size' | 'labels' | 'numbers' | 'end'> {
  const size = Math.min(columns === 1 ? 32 : 24, height * 0.68)
  const widest = (texts: readonly string[], weight: Weight) =>
    Math.max(0, ...texts.map((text) => typesetter.width(text, size, weight)))
  const labels = Math.min(
    widest(
      rows.map(({ label }) => label),
      'regular',
    ) + 1,
    width * (columns === 1 ? 0.38 : 0.48),
  )
  const numbers = widest(
    rows.map(({ text = '' }) => text),
    'bold',
  )
  const largest = Math.max(0, ...rows.flatMap(({ value = 0, second = 0 }) => [value, second]))
  return { size, labels, numbers, end: Math.max(500, largest) }
}

function rowOf(row: DrawnRow, plan: Plan, typesetter: Typesetter): string[] {
  const { x, y, width, height, size, labels, numbers, end } = plan
  const { label, colour, value, second, text = '' } = row
  const baseline = y + height / 2 + size * 0.34
  if (colour === undefined) {
    const fitting = typesetter.fit(label, size, 'regular', width)
    return [written(x, baseline, fitting, { size, colour: ink.muted })]
  }
  if (value === undefined) {
    const dot = `<circle cx="${x + size * 0.35}" cy="${y + height / 2}" r="${size * 0.35}" fill="${colour}"/>`
    const fitting = typesetter.fit(label, size, 'regular', width - size * 1.2)
    return [dot, written(x + size * 1.2, baseline, fitting, { size })]
  }
  const from = x + labels + 20
  const room = width - labels - 20 - numbers - 18
  const thickness = second === undefined ? height * 0.52 : height * 0.36
  const barTop = y + (height - thickness - (second === undefined ? 0 : height * 0.28)) / 2
  const long = (share: number) => (share === 0 ? 0 : Math.max(2, (share / end) * room))
  return [
    written(x, baseline, typesetter.fit(label, size, 'regular', labels), { size }),
    box(from, barTop, room, thickness, ink.track),
    box(from, barTop, long(value), thickness, colour),
    ...(second === undefined
      ? []
      : [box(from, barTop + thickness + height * 0.07, long(second), height * 0.2, ink.second)]),
    written(x + width, baseline, text, { size, weight: 'bold', anchor: 'end' }),
  ]
}
