import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { seededRandom } from '../src/cli/simulate/random.ts'
import type { LoadOptions } from './options.ts'
import { type Counting, type LoadReport, Measurements } from './report.ts'
import { type Arrival, schedule } from './schedule.ts'
import { Visitors } from './visitors.ts'

/** There must be something to look at when the first reader comes. */
const FIRST_SUBMISSIONS = 20
/** Results follow within so long, however busy the machine was. */
const COUNTED_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 200
/** So many of what was acknowledged are looked up one by one. */
const LOOKED_UP = 50

export interface LoadTarget {
  readonly url: string
  /** Nobody else submits to it: what is counted must be what was acknowledged, and no more. */
  readonly isOurs: boolean
}

/** Puts load on a service and measures. @throws {WrongAnswer} nothing can be measured there */
export async function run(
  options: LoadOptions,
  { url, isOurs }: LoadTarget,
  { tell, signal }: { tell: (message: string) => void; signal: AbortSignal },
): Promise<LoadReport> {
  const random = seededRandom(options.seed)
  const visitors = await Visitors.open(url, options.poll, random)
  try {
    const before = await visitors.counted()
    const at = new Date()
    for (let index = 0; index < FIRST_SUBMISSIONS; index++)
      await visitors.submit(`${options.seed}-first-${index}`)
    if (options.warmUp > 0) {
      tell(`warming up for ${options.warmUp} s`)
      await visit({ ...options, seconds: options.warmUp }, 'warm', {
        visitors,
        signal,
        measured: new Measurements(),
      })
    }
    tell(`measuring for ${options.seconds} s`)
    const measured = new Measurements()
    const tookSeconds = await visit(options, 'measured', { visitors, signal, measured })
    tell('looking whether everything is counted')
    const counting = await count(visitors, before, isOurs, signal)
    return measured.report(options, { at, url, tookSeconds, counting })
  } finally {
    visitors.close()
  }
}

interface Visiting {
  readonly visitors: Visitors
  readonly measured: Measurements
  readonly signal: AbortSignal
}

/** Everybody comes when they are due, and all are waited for. @returns how long it took, seconds */
async function visit(
  options: LoadOptions,
  name: string,
  { visitors, measured, signal }: Visiting,
): Promise<number> {
  const underWay = new Set<Promise<void>>()
  const started = performance.now()
  const arrive = async ({ kind, due, index }: Arrival) => {
    const dueAt = started + due
    measured.began(performance.now() - dueAt)
    try {
      await visitors.visit(kind, `${options.seed}-${name}-${index}`)
      measured.answered(kind, performance.now() - dueAt)
    } catch (error) {
      measured.failed(kind, error as Error)
    }
  }
  for (const arrival of schedule(options, seededRandom(`${options.seed} ${name}`))) {
    const early = started + arrival.due - performance.now()
    // Timers are no finer than a millisecond; who is late anyway goes at once.
    if (early >= 1) await sleep(early, undefined, { signal })
    signal.throwIfAborted()
    const visiting = arrive(arrival).finally(() => underWay.delete(visiting))
    underWay.add(visiting)
  }
  const rest = started + options.seconds * 1000 - performance.now()
  if (rest > 0) await sleep(rest, undefined, { signal })
  await Promise.all(underWay)
  return (performance.now() - started) / 1000
}

/** Waits for the results to count what was acknowledged. */
async function count(
  visitors: Visitors,
  before: number,
  isOurs: boolean,
  signal: AbortSignal,
): Promise<Counting> {
  const { submitted, unknown } = visitors
  const acknowledged = submitted.length
  const deadline = performance.now() + COUNTED_WITHIN_MS
  let counted = 0
  while (counted < acknowledged && performance.now() < deadline) {
    counted = await visitors.counted().then(
      (now) => now - before,
      () => counted,
    )
    if (counted < acknowledged) await sleep(LOOK_EVERY_MS, undefined, { signal })
  }
  const step = Math.max(1, Math.floor(acknowledged / LOOKED_UP))
  let wrong = 0
  for (let index = 0; index < acknowledged; index += step) {
    const { id, allocation } = submitted[index]!
    const stored = await visitors.stored(id).catch(() => undefined)
    if (stored?.status !== 'counted' || !isDeepStrictEqual(stored.allocation, allocation)) wrong++
  }
  const most = isOurs ? acknowledged + unknown : Number.POSITIVE_INFINITY
  return {
    acknowledged,
    unknown,
    counted,
    wrong,
    met: counted >= acknowledged && counted <= most && wrong === 0,
  }
}
