import { type Position, START } from '../event-log.ts'
import { positionOf, type StoredItem } from './stored-event.ts'

/** The last event is mostly ours, and a server's own events are few; a neighbour on the same server may have millions. */
const PAGES = [1, 64, 512, 4096]

/** The newest events of all, or those before a position, the newest first. */
type ReadBackwards = (before: Position | undefined, maxCount: number) => Promise<readonly StoredItem[]>

/** A range of $all in which nothing is ours but what was seen before. */
interface Barren {
  readonly top: Position
  readonly bottom: Position
}

/**
 * Finds the last of our events in a server that others use, too: backwards through $all. How far it has looked is
 * remembered, also when it is broken off, so that nobody's events are looked at twice.
 */
export class HeadSearch {
  readonly #isOurs: (item: StoredItem) => boolean
  /** The newest of our events that was ever seen: nobody has to look behind it. */
  #newest: Position = START
  #barren: Barren | undefined

  constructor(isOurs: (item: StoredItem) => boolean) {
    this.#isOurs = isOurs
  }

  /** Told of an event of ours that was seen elsewhere. */
  saw(position: Position): void {
    if (position > this.#newest) this.#newest = position
  }

  async find(readBackwards: ReadBackwards): Promise<Position> {
    let before: Position | undefined
    let top: Position | undefined
    for (let page = 0; ; page++) {
      const maxCount = PAGES[page] ?? PAGES.at(-1)!
      const items = await readBackwards(before, maxCount)
      const [first, reached] = [items[0], items.at(-1)]
      const last = items.find((item) => this.#isOurs(item))
      if (last) this.saw(positionOf(last))
      if (first) top ??= positionOf(first)
      const isEnd = last || !reached || items.length < maxCount || positionOf(reached) <= this.#newest
      if (top !== undefined) before = this.#noteBarren(top, isEnd ? this.#newest : positionOf(reached))
      if (isEnd || before! <= this.#newest) return this.#newest
    }
  }

  /** @returns where to look on */
  #noteBarren(top: Position, reached: Position): Position {
    const known = this.#barren
    const meets = known !== undefined && reached <= known.top
    const bottom = meets && known.bottom < reached ? known.bottom : reached
    // As long as the two do not meet, the older one is worth more.
    if (!known || meets) this.#barren = { top: known && known.top > top ? known.top : top, bottom }
    return bottom
  }
}
