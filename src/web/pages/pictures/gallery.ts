import { LRUCache } from 'lru-cache'
import type { Painter } from './painter.ts'
import type { Sketch } from './picture-worker.ts'

/** A picture as it is sent. */
export interface Picture {
  readonly etag: string
  readonly png: Buffer
}

interface Hung {
  readonly etag: string
  readonly since: number
  readonly picture: Promise<Picture>
}

/** 300 pictures of 50 kB. */
const MOST = 300
/** What moves all the time is drawn anew as often as caches ask for it. */
const FRESH_MS = 15_000

/** Pictures already drawn, each drawn once however many ask for it at the same time. */
export class Gallery {
  readonly #painter: Pick<Painter, 'png'>
  readonly #now: () => number
  readonly #pictures = new LRUCache<string, Hung>({ max: MOST })

  constructor(painter: Pick<Painter, 'png'>, now: () => number = Date.now) {
    this.#painter = painter
    this.#now = now
  }

  /**
   * The picture `name` at the state `etag`; one that is at most 15 s old stands for newer states, and an older one where
   * none can be drawn.
   * @throws {Problem} RESULTS_UNAVAILABLE
   */
  async picture(name: string, etag: string, sketch: () => Sketch): Promise<Picture> {
    const hung = this.#pictures.get(name)
    if (hung && (hung.etag === etag || this.#now() - hung.since < FRESH_MS)) return hung.picture
    const picture = this.#painter.png(sketch()).then((png) => ({ etag, png }))
    const drawn: Hung = { etag, since: this.#now(), picture }
    this.#pictures.set(name, drawn)
    return await picture.catch((error: unknown) => {
      if (this.#pictures.get(name) === drawn)
        if (hung) this.#pictures.set(name, hung)
        else this.#pictures.delete(name)
      if (hung) return hung.picture
      throw error
    })
  }
}
