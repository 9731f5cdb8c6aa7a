/** UUIDs, sixteen bytes each and four for finding them again: there may be millions. */
export class IdSet {
  #words = new Uint32Array(4 * 1024)
  /** Open addressing: one more than the place of an id, 0 where there is none. */
  #index = new Uint32Array(4096)
  #size = 0

  /** What `packed` gave. */
  static of(packed: Uint32Array): IdSet {
    const ids = new IdSet()
    for (let word = 0; word < packed.length; word += 4) ids.#add(packed.subarray(word, word + 4))
    return ids
  }

  get size(): number {
    return this.#size
  }

  /** Four words for each id, in the order in which they were added. */
  get packed(): Uint32Array {
    return this.#words.slice(0, 4 * this.#size)
  }

  add(id: string): void {
    this.#add(wordsOf(id))
  }

  has(id: string): boolean {
    return this.#index[this.#slotOf(wordsOf(id))] !== 0
  }

  /** @param from place of the first @param to place after the last */
  *slice(from = 0, to = this.#size): Generator<string> {
    for (let place = from; place < Math.min(to, this.#size); place++)
      yield idOf(this.#words.subarray(4 * place, 4 * place + 4))
  }

  #add(words: Uint32Array): void {
    const slot = this.#slotOf(words)
    if (this.#index[slot] !== 0) return
    if (4 * this.#size === this.#words.length) this.#words = grown(this.#words)
    this.#words.set(words, 4 * this.#size)
    this.#index[slot] = ++this.#size
    if (2 * this.#size > this.#index.length) this.#rehash()
  }

  #slotOf(words: Uint32Array): number {
    const mask = this.#index.length - 1
    // Parts of most UUIDs are random, but nobody has to make them so.
    let slot =
      (Math.imul(words[0]! ^ words[3]!, 0x9e3779b1) ^ Math.imul(words[1]! ^ words[2]!, 0x85ebca6b)) & mask
    for (; this.#index[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#isAt(this.#index[slot]! - 1, words)) break
    return slot
  }

  #isAt(place: number, words: Uint32Array): boolean {
    for (let word = 0; word < 4; word++) if (this.#words[4 * place + word] !== words[word]) return false
    return true
  }

  #rehash(): void {
    this.#index = new Uint32Array(2 * this.#index.length)
    for (let place = 0; place < this.#size; place++)
      this.#index[this.#slotOf(this.#words.subarray(4 * place, 4 * place + 4))] = place + 1
  }
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(2 * words.length)
  more.set(words)
  return more
}

function wordsOf(id: string): Uint32Array {
  const digits = id.replaceAll('-', '')
  return Uint32Array.from([0, 8, 16, 24], (at) => Number.parseInt(digits.slice(at, at + 8), 16))
}

function idOf(words: Uint32Array): string {
  const digits = [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
