import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import opentype from 'opentype.js'

export type Weight = 'regular' | 'bold'

/** Source Sans 3, under the SIL Open Font License: a machine may have no fonts at all. */
const files = {
  regular: '@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf',
  bold: '@expo-google-fonts/source-sans-3/700Bold/SourceSans3_700Bold.ttf',
} as const

export const FAMILY = 'Source Sans 3'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const charactersOf = (text: string): string[] => [...graphemes.segment(text)].map(({ segment }) => segment)

/** Knows how wide texts are, and makes them fit. Sizes and widths are in pixels. */
export class Typesetter {
  /** The fonts' files, for who draws. */
  readonly files: readonly Uint8Array[]
  readonly #fonts: Readonly<Record<Weight, opentype.Font>>

  constructor() {
    const read = (weight: Weight) =>
      new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve(files[weight]))))
    const [regular, bold] = [read('regular'), read('bold')]
    this.files = [regular, bold]
    this.#fonts = { regular: opentype.parse(regular.buffer), bold: opentype.parse(bold.buffer) }
  }

  /** Without kerning, which only brings letters nearer to each other. */
  width(text: string, size: number, weight: Weight): number {
    const font = this.#fonts[weight]
    let units = 0
    for (const character of text) units += font.charToGlyph(character).advanceWidth ?? font.unitsPerEm
    return (units * size) / font.unitsPerEm
  }

  /** The text, or as much of its beginning as there is room for, and `…`. */
  fit(text: string, size: number, weight: Weight, room: number): string {
    if (this.width(text, size, weight) <= room) return text
    let kept = ''
    for (const character of charactersOf(text)) {
      if (this.width(`${kept}${character}…`, size, weight) > room) break
      kept += character
    }
    return `${kept.trimEnd()}…`
  }

  /** Lines of whole words; what does not go into `lines` of them is left out with `…`. */
  wrap(text: string, size: number, weight: Weight, room: number, lines: number): string[] {
    const wrapped: string[] = []
    let rest = text.trim()
    while (rest !== '' && wrapped.length < lines - 1) {
      const line = this.#line(rest, size, weight, room)
      wrapped.push(line)
      rest = rest.slice(line.length).trimStart()
    }
    return rest === '' ? wrapped : [...wrapped, this.fit(rest, size, weight, room)]
  }

  /** As many words as fit; of a word that is longer than a line, as many characters. */
  #line(text: string, size: number, weight: Weight, room: number): string {
    if (this.width(text, size, weight) <= room) return text
    let line = ''
    for (const [words] of text.matchAll(/\s*\S+/g)) {
      if (this.width(line + words, size, weight) > room) break
      line += words
    }
    if (line !== '') return line
    for (const character of charactersOf(text)) {
      if (line !== '' && this.width(line + character, size, weight) > room) break
      line += character
    }
    return line
  }
}
