import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  readonly align?: 'right'
}

/** Columns side by side, titles first; numbers are aligned to the right. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  styleTitle: (text: string) => string = (text) => text,
): string {
  const lines = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  return lines
    .map((line, row) => {
      const cells = columns.map(({ align }, index) => pad(line[index] ?? '', widths[index]!, align))
      const text = cells.join('  ').trimEnd()
      return row === 0 ? styleTitle(text) : text
    })
    .join('\n')
}

const graphemes = new Intl.Segmenter()
const widthOf = (text: string): number => [...graphemes.segment(stripVTControlCharacters(text))].length

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}
