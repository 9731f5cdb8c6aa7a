/** What should not have happened. The same thing again and again is told a few times, and counted. */
export interface Finding {
  readonly what: string
  readonly detail: string
  /** Seconds after the start. */
  readonly at: number
}

const TOLD_EACH = 5

export class Findings {
  readonly told: Finding[] = []
  readonly counts: Record<string, number> = {}
  readonly #started: number
  readonly #tell: (finding: Finding) => void

  constructor(started: number, tell: (finding: Finding) => void) {
    this.#started = started
    this.#tell = tell
  }

  add(what: string, detail: string): void {
    const count = (this.counts[what] ?? 0) + 1
    this.counts[what] = count
    if (count > TOLD_EACH) return
    const finding = { what, detail, at: Math.round((performance.now() - this.#started) / 100) / 10 }
    this.told.push(finding)
    this.#tell(finding)
  }
}
