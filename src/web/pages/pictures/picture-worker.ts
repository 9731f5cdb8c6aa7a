/** Draws pictures in a thread of its own, one after the other, so that the event loop goes on serving. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import { draw } from './draw.ts'
import type { Drawing } from './drawing.ts'
import { FAMILY, Typesetter } from './typesetter.ts'

/** What is to be drawn. */
export type Sketch = { readonly drawing: Drawing } | { readonly svg: string }

export interface PictureJob {
  readonly id: number
  readonly sketch: Sketch
}

export type PictureMessage = { readonly id: number } & (
  | { readonly png: Uint8Array }
  | { readonly error: string }
)

const typesetter = new Typesetter()
const font = { fontBuffers: [...typesetter.files], defaultFontFamily: FAMILY }
// A WebAssembly build: the same on every machine, nothing to compile and no optional package to be left out.
const ready = initWasm(readFileSync(fileURLToPath(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))))

parentPort?.on('message', async ({ id, sketch }: PictureJob) => {
  const say = (message: PictureMessage) => parentPort?.postMessage(message)
  try {
    await ready
    say({ id, png: rendered('svg' in sketch ? sketch.svg : draw(sketch.drawing, typesetter)) })
  } catch (error) {
    say({ id, error: String(error) })
  }
})

function rendered(svg: string): Uint8Array {
  const resvg = new Resvg(svg, { font })
  try {
    const image = resvg.render()
    try {
      return image.asPng()
    } finally {
      image.free()
    }
  } finally {
    resvg.free()
  }
}
