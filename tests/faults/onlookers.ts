/** Somebody looks at the results of every web process all the time: they are always served, and never go back. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ResultsView } from '../../src/queries/results-view.ts'
import type { Member } from '../support/world/world.ts'
import { ask } from '../web/api-client.ts'

export type Seen = Pick<ResultsView, 'tier' | 'position' | 'asOf'>

const PAUSE_MS = 40

/** What a web process answers to everybody. @throws unless it is an answer */
export async function results(url: string): Promise<Seen> {
  const { status, text, json } = await ask(`${url}/api/polls/us-federal/results`)
  expect(status, text).toBe(200)
  return json as Seen
}

export interface Onlooker {
  /** Everything that was seen, in order. */
  readonly seen: readonly Seen[]
  /** Goes away. @throws what was wrong with an answer */
  readonly leave: () => Promise<void>
}

export function onlooker({ url }: Member): Onlooker {
  const seen: Seen[] = []
  let leaving = false
  const look = async () => {
    const now = await results(url)
    const before = seen.at(-1)
    if (before) expect(BigInt(now.position)).toBeGreaterThanOrEqual(BigInt(before.position))
    seen.push(now)
  }
  const looking = (async () => {
    for (; !leaving; await sleep(PAUSE_MS)) await look()
  })()
  // Told when it leaves.
  looking.catch(() => {})
  return {
    seen,
    leave: async () => {
      leaving = true
      await looking
    },
  }
}
