import jsqr from 'jsqr'
import type { PNG } from 'pngjs'

/** The package's types speak of a module where it gives its function. */
const decode = jsqr as unknown as typeof jsqr.default

/** What a camera would read in a picture; undefined if nothing. */
export const readQr = ({ data, width, height }: PNG): string | undefined =>
  decode(new Uint8ClampedArray(data), width, height)?.data
