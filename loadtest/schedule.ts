import type { Random } from '../src/cli/simulate/random.ts'
import type { Kind } from './targets.ts'

/** Somebody who comes at a time of their own, whatever became of those before. */
export interface Arrival {
  /** Milliseconds after the beginning. */
  readonly due: number
  readonly kind: Kind
  readonly index: number
}

/**
 * Arrivals at random (a Poisson process), for so long.
 * @param rate a second
 * @param mix shares of the kinds
 */
export function* schedule(
  {
    rate,
    mix,
    seconds,
  }: { readonly rate: number; readonly mix: Readonly<Record<Kind, number>>; readonly seconds: number },
  random: Random,
): Generator<Arrival> {
  const shares = Object.entries(mix) as [Kind, number][]
  const whole = shares.reduce((sum, [, share]) => sum + share, 0)
  for (let [due, index] = [0, 0]; ; index++) {
    due += (-Math.log(1 - random()) * 1000) / rate
    if (due >= seconds * 1000) return
    const kind = pick(shares, random() * whole)
    yield { due, kind, index }
  }
}

/** The kind in whose share a place falls. */
function pick(shares: readonly (readonly [Kind, number])[], place: number): Kind {
  let end = 0
  for (const [kind, share] of shares) {
    end += share
    if (place < end) return kind
  }
  return shares.findLast(([, share]) => share > 0)![0]
}
