/** A picture's layout: what it says in, SVG out. Sizes are in pixels. */
import { headOf } from './draw-head.ts'
import { rowsOf } from './draw-rows.ts'
import { type Drawing, PICTURE } from './drawing.ts'
import { accent, BASE, box, ink, MARGIN, WIDTH, written } from './svg.ts'
import type { Typesetter } from './typesetter.ts'

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
