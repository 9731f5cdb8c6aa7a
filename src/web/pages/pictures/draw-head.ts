import { type Drawing, PICTURE } from './drawing.ts'
import { accent, box, ink, MARGIN, WIDTH, written } from './svg.ts'
import type { Typesetter } from './typesetter.ts'

const SUBTITLE = 28

/** Title, subtitle and legend, and where they end. */
export function headOf({ title, subtitle, legend }: Drawing, typesetter: Typesetter) {
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
