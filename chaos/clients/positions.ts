/**
 * Watches that nobody sees the results go back.
 *
 * One process, from its start to its end, never answers with a position before one that it has answered with, to
 * whomever. Two processes, or two lives of one, share nothing but the servers: while these are away each answers from
 * what it has in its hands, which is of different age, and after a crash a server may have less than before. So between
 * processes it is counted how far one is behind another, and it must not be so for long while nothing is away.
 */
export interface Served {
  readonly web: string
  /** Which of its lives. */
  readonly life: number
  readonly position: bigint
  readonly tier: string
  /** Of everything that is the same for all who stand at this position. */
  readonly digest: string
}

/** Answers that were behind another process's. */
export interface BehindAnother {
  count: number
  /** How long ago the other one had been ahead, at most. */
  longestMs: number
  /** That answer, for people. */
  longest: string
}

/** How far the answers had come when a question was asked. */
export interface Mark {
  readonly ofLife: bigint
  readonly ofAll: bigint
  readonly at: number
}

/** After the last fault everybody gets up again within this time. */
const RECOVERY_MS = 8000
/** Answers are kept for a moment, and tiers have deadlines. */
const BEHIND_MS = 1000

export class Positions {
  /** When the last fault was over, by the same clock as all other times; undefined: something is away. */
  calmSince: number | undefined
  readonly #ofLife = new Map<string, bigint>()
  readonly #digests = new Map<bigint, string>()
  /** When which position was first answered by anybody, both ascending. */
  readonly #progress: { readonly position: bigint; readonly at: number }[] = []
  checked = 0
  readonly behindAnother: BehindAnother = { count: 0, longestMs: 0, longest: '' }

  /** To be asked just before the question is sent. */
  mark(web: string, life: number, now: number): Mark {
    return { ofLife: this.highestOf(web, life), ofAll: this.#progress.at(-1)?.position ?? -1n, at: now }
  }

  /** The highest position that a life of a process has answered with; -1: none. */
  highestOf(web: string, life: number): bigint {
    return this.#ofLife.get(`${web} ${life}`) ?? -1n
  }

  /** @returns what is wrong with the answer */
  check(served: Served, mark: Mark, now: number): string | undefined {
    const { web, life, position, digest } = served
    this.checked++
    if (position > this.highestOf(web, life)) this.#ofLife.set(`${web} ${life}`, position)
    if (position > (this.#progress.at(-1)?.position ?? -1n)) this.#progress.push({ position, at: now })
    if (position < mark.ofLife) return `${web} answered with ${position} after ${mark.ofLife}`
    const known = this.#digests.get(position)
    if (digest !== '') this.#digests.set(position, digest)
    if (digest !== '' && known !== undefined && known !== digest)
      return `${web} answered at ${position} otherwise than before`
    return position < mark.ofAll ? this.#checkBehind(served, mark) : undefined
  }

  #checkBehind({ web, life, tier, position }: Served, mark: Mark): string | undefined {
    const ahead = this.#progress[this.#progress.findLastIndex((step) => step.position <= position) + 1]!
    const behindMs = mark.at - ahead.at
    const text = `${web} in its life ${life} from the ${tier} at ${position}, when another had been at ${mark.ofAll}`
    this.behindAnother.count++
    if (behindMs > this.behindAnother.longestMs)
      Object.assign(this.behindAnother, { longestMs: behindMs, longest: text })
    const calm = this.calmSince !== undefined && mark.at - this.calmSince > RECOVERY_MS
    return calm && behindMs > BEHIND_MS ? `${text} for ${Math.round(behindMs)} ms` : undefined
  }
}
