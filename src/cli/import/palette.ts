/** Colours that keep a contrast of 3:1 and more against white and can be told apart by people who see few colours. */
const PALETTE = [
  '#2b6cb0',
  '#c05621',
  '#2f855a',
  '#c2415c',
  '#6b46c1',
  '#1f7a8c',
  '#8b5e3c',
  '#4a5a78',
  '#b7791f',
  '#66707c',
] as const

/** The colour of the category at `index`; they begin anew after the last. */
export const colourAt = (index: number): string => PALETTE[index % PALETTE.length]!
