import { encode } from 'uqr'

/** White modules around the code: scanners need four. */
const QUIET = 4

/** A QR code's address as one path, in modules. */
export interface QrCode {
  /** Width and height, the quiet zone included. */
  readonly size: number
  /** Of the dark modules, for an SVG `d`. */
  readonly path: string
}

/** With error correction M: it is read though a seventh of it is dirty. */
export function qrCode(text: string): QrCode {
  const { size, data } = encode(text, { ecc: 'M', border: QUIET })
  const path = data.flatMap((row, y) =>
    runsIn(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`),
  )
  return { size, path: path.join('') }
}

function runsIn(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = []
  row.forEach((isDark, x) => {
    const last = runs.at(-1)
    if (isDark && last && last[0] + last[1] === x) last[1]++
    else if (isDark) runs.push([x, 1])
  })
  return runs
}

/** Black on white whatever is around it, in whole pixels for each module. */
export function qrSvg(text: string, pixels = 8): string {
  const { size, path } = qrCode(text)
  const width = size * pixels
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`
}
