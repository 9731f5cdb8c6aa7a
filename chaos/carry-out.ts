import { setTimeout as sleep } from 'node:timers/promises'
import { describeHit, type Fault, type Hit } from './plan.ts'
import type { HittableTarget } from './targets.ts'

export interface CarryOutOptions {
  readonly targets: readonly HittableTarget[]
  readonly lengthMs: number
  readonly tell: (message: string) => void
  /** Told when nobody is away any more, by `performance.now()`, and (with nothing) when somebody is. */
  readonly onCalm: (since: number | undefined) => void
  /** Told who could not be brought back. */
  readonly onStuck: (name: string, error: Error) => void
}

export interface Done {
  readonly hits: readonly Hit[]
  /** Hits that fell upon somebody who was still away. */
  readonly missed: number
}

/** Does what the plan says, when it says so. Who is still in the hands of an earlier fault is left alone. */
export async function carryOut(plan: readonly Fault[], options: CarryOutOptions): Promise<Done> {
  const { targets, lengthMs, tell, onCalm, onStuck } = options
  const started = performance.now()
  const away = new Map<string, Promise<void>>()
  const hits: Hit[] = []
  let missed = 0
  for (const { at, hits: planned } of plan) {
    await sleep(Math.max(0, started + at - performance.now()))
    const free = planned.filter(({ target }) => !away.has(target))
    missed += planned.length - free.length
    hits.push(...free)
    if (free.length > 0) tell(free.map(describeHit).join(' + '))
    for (const { target, kind, ms } of free) {
      onCalm(undefined)
      const hit = targets
        .find(({ name }) => name === target)!
        .hit(kind, ms)
        .catch((error: Error) => onStuck(target, error))
        .then(() => {
          away.delete(target)
          if (away.size === 0) onCalm(performance.now())
        })
      away.set(target, hit)
    }
  }
  await Promise.all(away.values())
  await sleep(Math.max(0, started + lengthMs - performance.now()))
  return { hits, missed }
}
