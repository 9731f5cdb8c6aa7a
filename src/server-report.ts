/** A server that this program leans on, as it was found when somebody looked. */
export interface ServerReport {
  /** Undefined: it does not say. */
  readonly version: string | undefined
  /** Of one question, milliseconds. */
  readonly latencyMs: number
  /** Undefined: it tells no time. */
  readonly clock?: ClockReading | undefined
  /** Bytes; no limit if it does not say. */
  readonly memory?: { readonly used: number; readonly limit: number | undefined } | undefined
  /** More that it says of itself, in a few words. */
  readonly remarks?: readonly string[]
}

export interface ClockReading {
  /** By so much is its clock ahead of this machine's, milliseconds. */
  readonly aheadMs: number
  /** It may be so much more or less: how long it took to ask. */
  readonly uncertainMs: number
}

/** @param theirs what a clock told between `asked` and `answered`; all in milliseconds since the epoch */
export const readClock = (theirs: number, asked: number, answered: number): ClockReading => ({
  aheadMs: theirs - (asked + answered) / 2,
  uncertainMs: (answered - asked) / 2,
})
