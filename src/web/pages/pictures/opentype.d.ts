/** What is used of opentype.js. The published types would bring those of browsers into the whole program. */
declare module 'opentype.js' {
  interface Font {
    readonly unitsPerEm: number
    charToGlyph(character: string): { readonly advanceWidth?: number }
  }
  const opentype: { parse(file: ArrayBufferLike): Font }
  namespace opentype {
    export type { Font }
  }
  export default opentype
}
