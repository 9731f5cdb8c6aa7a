import { PICTURE } from './drawing.ts'
import { FAMILY, type Weight } from './typesetter.ts'

/** The pages' colours on paper. */
export const ink = {
  paper: '#faf8f4',
  text: '#1b2330',
  muted: '#545f6d',
  track: '#ebe7de',
  second: '#8b93a0',
}
export const accent = '#14565c'

export const MARGIN = 64
export const WIDTH = PICTURE.width - 2 * MARGIN
/** Where the last line stands. */
export const BASE = PICTURE.height - 50

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

/** A line of text; `y` is its base line. */
export const written = (x: number, y: number, text: string, { size, weight, colour, anchor }: Look): string =>
  `<text x="${x}" y="${y}" font-family="${FAMILY}" font-size="${size}" font-weight="${weight === 'bold' ? 700 : 400}" fill="${colour ?? ink.text}" text-anchor="${anchor ?? 'start'}">${escaped(text)}</text>`

export const box = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${Math.max(0, width)}" height="${height}" rx="${Math.min(4, height / 2)}" fill="${fill}"/>`
