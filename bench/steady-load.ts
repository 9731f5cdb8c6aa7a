/** People who come at a steady rate, however long others have to wait: waiting is counted from when they came. */
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../src/cli/simulate/random.ts'
import { simulateAllocation } from '../src/cli/simulate/simulate-allocation.ts'
import { check } from './harness.ts'
import { Probe } from './probe.ts'
import { POLL, pollDefinition } from './seed.ts'

export interface SteadyLoad {
  /** How long each reader waited since the last time it was asked for, milliseconds. */
  takeWaits(): number[]
  /** Submissions that were acknowledged so far. */
  readonly acknowledged: number
  /** @throws if anybody was refused */
  stop(): Promise<void>
}

export interface Rates {
  /** A second. */
  readonly reads: number
  readonly submissions: number
}

const READERS = 16

/** Reads results and submits, each at its rate, until it is stopped. */
export async function steadyLoad(url: string, { reads, submissions }: Rates): Promise<SteadyLoad> {
  const definition = await pollDefinition()
  const probes = await Promise.all(
    Array.from({ length: READERS }, () => Probe.open(`${url}/api/polls/${POLL}/results`)),
  )
  const idle = [...probes]
  const queue: number[] = []
  const underWay = new Set<Promise<void>>()
  let [waits, acknowledged, stopped, failure] = [[] as number[], 0, false, undefined as Error | undefined]

  const serve = async (probe: Probe) => {
    for (let came = queue.shift(); came !== undefined; came = queue.shift()) {
      const { status } = await probe.ask()
      check(status === 200, `results answer ${status}`)
      waits.push(performance.now() - came)
    }
    idle.push(probe)
  }
  const read = async () => {
    queue.push(performance.now())
    // In turn: the server closes connections that nobody uses for a minute.
    const probe = idle.shift()
    if (probe) await serve(probe)
  }
  let submitted = 0
  const submit = async () => {
    const allocation = simulateAllocation(definition, seededRandom(`steady-${submitted++}`))
    const response = await fetch(`${url}/api/polls/${POLL}/submissions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ allocation }),
    })
    await response.arrayBuffer()
    check(response.status === 201, `a submission is answered ${response.status}`)
    acknowledged++
  }
  const steadily = async (rate: number, act: () => Promise<void>) => {
    const started = performance.now()
    for (let count = 0; !stopped; count++) {
      const wait = started + (count * 1000) / rate - performance.now()
      if (wait > 0) await sleep(wait)
      const acting: Promise<void> = act()
        .catch((error: Error) => {
          failure ??= error
        })
        .finally(() => underWay.delete(acting))
      underWay.add(acting)
    }
  }
  const running = [steadily(reads, read), steadily(submissions, submit)]
  return {
    takeWaits: () => {
      const taken = waits
      waits = []
      return taken
    },
    get acknowledged() {
      return acknowledged
    },
    stop: async () => {
      stopped = true
      await Promise.all(running)
      await Promise.all(underWay)
      for (const probe of probes) probe.close()
      if (failure) throw failure
    },
  }
}
