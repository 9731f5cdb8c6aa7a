/** What the clients know: everything that they sent, and what was acknowledged to them. */
import type { ProblemCode } from '../../src/errors.ts'
import type { Allocation } from '../../src/events/submission-events.ts'

export type CommandKind = 'submit' | 'revise' | 'withdraw' | 'repeat'

/** A submission as its owner knows it. */
export interface OwnSubmission {
  readonly key: string
  /** Those of its first acknowledgement. */
  id: string
  receipt: string
  position: string
  /** As it was submitted, and as it was acknowledged last. */
  readonly first: Allocation
  allocation: Allocation
  status: 'counted' | 'withdrawn'
  /**
   * The outcome of a revision was unknown for a while. What was sent then may still wait somewhere and be carried out
   * later, as HTTP allows: so it is not revised again, only withdrawn, which is final.
   */
  frozen: boolean
}

export interface Command {
  readonly number: number
  readonly client: number
  readonly kind: CommandKind
  readonly key: string
  readonly allocation: Allocation | undefined
  readonly submission: OwnSubmission | undefined
  /** `performance.now()`. */
  readonly sentAt: number
  /** One for each request: what came of it, and how long it took. */
  readonly attempts: { readonly web: string; readonly outcome: string; readonly ms: number }[]
  acknowledged: { readonly position: string; readonly at: number } | undefined
}

export class Ledger {
  readonly commands: Command[] = []
  readonly submissions: OwnSubmission[] = []
  readonly refused: Partial<Record<ProblemCode, number>> = {}
  /** The highest position that was ever acknowledged. */
  highest = 0n
  acknowledged = 0
  attempts = 0
  /** Requests that found nobody there. */
  notSent = 0
  /** Requests that may have been carried out, and had no answer. */
  unknown = 0
  /** Commands that needed more than one request that was sent. */
  resolved = 0
  frozen = 0
  readBack = 0
  longestCommandMs = 0
  longestAttemptMs = 0

  open(command: Omit<Command, 'number' | 'attempts' | 'acknowledged' | 'sentAt'>): Command {
    const opened: Command = {
      ...command,
      number: this.commands.length + 1,
      sentAt: performance.now(),
      attempts: [],
      acknowledged: undefined,
    }
    this.commands.push(opened)
    return opened
  }

  note(command: Command, web: string, outcome: string, ms: number): void {
    this.attempts++
    if (outcome.startsWith('unknown')) this.unknown++
    if (outcome === 'not sent') this.notSent++
    this.longestAttemptMs = Math.max(this.longestAttemptMs, ms)
    command.attempts.push({ web, outcome, ms: Math.round(ms) })
  }

  refuse(code: ProblemCode): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1
  }

  acknowledge(command: Command, position: string): void {
    const at = performance.now()
    command.acknowledged = { position, at }
    this.acknowledged++
    if (command.attempts.filter(({ outcome }) => outcome !== 'not sent').length > 1) this.resolved++
    if (BigInt(position) > this.highest) this.highest = BigInt(position)
    this.longestCommandMs = Math.max(this.longestCommandMs, at - command.sentAt)
  }

  /** Neither acknowledged nor refused for good. */
  get unresolved(): readonly Command[] {
    const isRefused = ({ attempts }: Command) => /^4/.test(attempts.at(-1)?.outcome ?? '')
    return this.commands.filter((command) => !command.acknowledged && !isRefused(command))
  }
}
