/** A picture's layout: what it says in, SVG out. Sizes are in pixels. */
import { type Drawing, type DrawnRow, PICTURE } from './drawing.ts'
import { FAMILY, type Typesetter, type Weight } from './typesetter.ts'

/** The pages' colours on paper. */
const ink = { paper: '#faf8f4', text: '#1b2330', muted: '#545f6d', track: '#ebe7de', second: '#8b93a0' }
const accent = '#14565c'

const MARGIN = 64
const WIDTH = PICTURE.width - 2 * MARGIN
const BASE = PICTURE.height - 50
const COLUMN_GAP = 48

interface Look {
  readonly size: number
  readonly weight?: Weight
  readonly colour?: string
  readonly anchor?: 'start' | 'end'
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** Without what XML cannot hold. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, ' ')
    .replace(/[&<>"]/g, (character) => entities[character]!)

const written = (x: number, y: number, text: string, { size, weight, colour, anchor }: Look): string =>
  `<text x="${x}" y="${y}" font-family="${FAMILY}" font-size="${size}" font-weight="${weight === 'bold' ? 700 : 400}" fill="${colour ?? ink.text}" text-anchor="${anchor ?? 'start'}">${escaped(text)}</text>`

const box = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${Math.max(0, width)}" height="${height}" rx="${Math.min(4, height / 2)}" fill="${fill}"/>`

/** The picture as SVG. Whatever its texts are, they stay within its margins. */
export function draw(drawing: Drawing, typesetter: Typesetter): string {
  const { parts: head, bottom } = headOf(drawing, typesetter)
  const parts = [
    box(0, 0, PICTURE.width, PICTURE.height, ink.paper).replace(/ rx="\d+"/, ''),
    ...head,
    ...rowsOf(drawing.rows, bottom + 26, BASE - 44, typesetter),
    ...footOf(drawing, typesetter),
  ]
  const { width, height } = PICTURE
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`
}

const SUBTITLE = 28

function headOf({ title, subtitle, legend }: Drawing, typesetter: Typesetter) {
  const { size, lines } = titleOf(title, typesetter)
  const top = 50 + size * 0.74
  const parts = lines.map((line, index) =>
    written(MARGIN, top + index * size * 1.12, line, { size, weight: 'bold' }),
  )
  const bottom = top + (lines.length - 1) * size * 1.12 + 46
  const { parts: keys, left } = legendOf(legend, bottom, typesetter)
  const text = typesetter.fit(subtitle, SUBTITLE, 'regular', left - MARGIN)
  return {
    parts: [...parts, written(MARGIN, bottom, text, { size: SUBTITLE, colour: ink.muted }), ...keys],
    bottom,
  }
}

const oneLine = [54, 48, 42, 38]
const twoLines = [46, 40, 36]

/** In one line if it can be, as large as it can be: what it leaves is for the bars. */
function titleOf(title: string, typesetter: Typesetter): { size: number; lines: string[] } {
  const size = oneLine.find((each) => typesetter.width(title, each, 'bold') <= WIDTH)
  if (size !== undefined) return { size, lines: [title] }
  const wrapped = twoLines.map((each) => ({
    size: each,
    lines: typesetter.wrap(title, each, 'bold', WIDTH, 2),
  }))
  return wrapped.find(({ lines }) => !lines.at(-1)!.endsWith('…')) ?? wrapped.at(-1)!
}

/** At the right end of the subtitle's line, of which it leaves at least half. */
function legendOf(legend: Drawing['legend'], y: number, typesetter: Typesetter) {
  const size = 24
  const room = WIDTH / 2 / Math.max(1, legend.length) - 60
  let left: number = PICTURE.width - MARGIN
  const parts = legend.toReversed().flatMap(({ label, of }) => {
    const text = typesetter.fit(label, size, 'regular', room)
    const end = left
    left = end - typesetter.width(text, size, 'regular') - 34
    const swatch = of === 'value' ? box(left, y - 17, 24, 18, accent) : box(left, y - 12, 24, 9, ink.second)
    left -= 26
    return [swatch, written(end, y, text, { size, colour: ink.muted, anchor: 'end' })]
  })
  return { parts, left }
}

function rowsOf(rows: readonly DrawnRow[], top: number, bottom: number, typesetter: Typesetter): string[] {
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

function footOf({ site, note }: Drawing, typesetter: Typesetter): string[] {
  const size = 24
  const name = typesetter.fit(site, size, 'bold', WIDTH / 2 - 60)
  const room = WIDTH - 40 - typesetter.width(name, size, 'bold') - 40
  const logo = [
    [2, 13, 9],
    [9.5, 7, 15],
    [17, 2, 20],
  ].map(([x, y, height]) => box(MARGIN + x!, BASE - 20 + y!, 5, height!, accent))
  return [
    box(MARGIN, BASE - 36, WIDTH, 1.5, '#ddd8cd'),
    ...logo,
    written(MARGIN + 34, BASE + 2, name, { size, weight: 'bold' }),
    written(PICTURE.width - MARGIN, BASE + 2, typesetter.fit(note, size, 'regular', room), {
      size,
      colour: ink.muted,
      anchor: 'end',
    }),
  ]
}
