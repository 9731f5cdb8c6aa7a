/** What happens to whom and when, from a seed alone: the same seed, length and targets give the same plan. */
import { type Random, seededRandom } from '../src/cli/simulate/random.ts'

export type FaultKind =
  /** SIGKILL, and started again on what it has on disk. */
  | 'kill'
  /** SIGSTOP: its connections stay open, and nothing comes. */
  | 'pause'
  /** Asked to end, as a deployment does, and started again. */
  | 'restart'
  /** Killed, and started again without what it had on disk. */
  | 'empty'
  /** One of its own processes dies: it cuts everybody off, and recovers by itself. */
  | 'crash'
  /** Every connection is cut. */
  | 'cut'
  /** Another node leads from now on. */
  | 'elect'
  /** What comes next is carried out, and the answers are lost. */
  | 'lose-answers'
  /** It answers that it is not ready. */
  | 'refuse'

/** What the plan must know of somebody who can be hit. */
export interface Target {
  readonly name: string
  readonly kinds: readonly FaultKind[]
}

export interface Hit {
  readonly target: string
  readonly kind: FaultKind
  /** How long it is away, milliseconds; 0 for what is over at once. */
  readonly ms: number
}

/** One or more hits at the same moment. */
export interface Fault {
  /** Milliseconds after the start. */
  readonly at: number
  readonly hits: readonly Hit[]
}

export interface PlanOptions {
  readonly seed: string
  readonly minutes: number
  readonly targets: readonly Target[]
}

/** Before the first fault everything runs for a moment, and after the last one, too. */
const QUIET_MS = 3000
/** A short run has to see as much. */
const SHORT_RUN_MINUTES = 2
const MEAN_GAP_MS = { short: 1800, long: 3500 }
/** Longer than every deadline of the program, so that each of them is met. */
const LONGEST_MS = { short: 7000, long: 14_000 }
/** Whoever was hit may get up first. */
const RECOVERY_MS = 1500

const INSTANT: ReadonlySet<FaultKind> = new Set(['crash', 'cut', 'elect', 'lose-answers'])

export function makePlan({ seed, minutes, targets }: PlanOptions): Fault[] {
  const random = seededRandom(`chaos ${seed}`)
  const length = minutes < SHORT_RUN_MINUTES ? 'short' : 'long'
  const end = minutes * 60_000 - QUIET_MS
  const freeAt = new Map<string, number>()
  const plan: Fault[] = []
  for (let at = QUIET_MS; at < end; at += Math.round(MEAN_GAP_MS[length] * (0.3 + 1.4 * random()))) {
    const hits: Hit[] = []
    for (let wanted = howMany(random); wanted > 0; wanted--) {
      const target = pickTarget(
        targets.filter(({ name }) => (freeAt.get(name) ?? 0) <= at),
        random,
      )
      if (!target) break
      const kind = pick(target.kinds, random)!
      const ms = INSTANT.has(kind) ? 0 : Math.min(duration(LONGEST_MS[length], random), end - at)
      hits.push({ target: target.name, kind, ms })
      freeAt.set(target.name, at + ms + RECOVERY_MS)
    }
    if (hits.length > 0) plan.push({ at, hits })
  }
  return plan
}

/** Mostly one; now and then two or three go at the same moment. */
function howMany(random: Random): number {
  const number = random()
  return number < 0.7 ? 1 : number < 0.93 ? 2 : 3
}

/** Mostly a moment, sometimes long. */
const duration = (longest: number, random: Random): number =>
  Math.round(200 + random() ** 2 * (longest - 200))

/** What there are several of is hit no more often than what there is one of. */
function pickTarget(free: readonly Target[], random: Random): Target | undefined {
  const kinds = Object.values(Object.groupBy(free, ({ name }) => name.replace(/-\d+$/, '')))
  return pick(pick(kinds, random) ?? [], random)
}

const pick = <T>(list: readonly T[], random: Random): T | undefined =>
  list[Math.floor(random() * list.length)]

export const describeHit = ({ target, kind, ms }: Hit): string =>
  `${kind} ${target}${ms > 0 ? ` for ${(ms / 1000).toFixed(1)} s` : ''}`
