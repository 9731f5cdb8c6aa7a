import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Allocation } from '../../src/events/submission-events.ts'

const CATEGORIES = [
  'health',
  'education',
  'defense',
  'infrastructure',
  'social-security',
  'environment',
  'science',
  'public-safety',
  'housing',
  'other',
]

/** What the clients know: everything they sent, and what was acknowledged to them. */
export interface Ledger {
  /** Submission id → what it gave, for each that was acknowledged. */
  readonly acknowledged: Map<string, Allocation>
  readonly sent: { count: number }
  /** Answers that were neither an acknowledgement nor a clear refusal. */
  readonly unexpected: string[]
}

export const emptyLedger = (): Ledger => ({ acknowledged: new Map(), sent: { count: 0 }, unexpected: [] })

/** What everybody together gave to each category, in basis points, added up by hand: nothing of the program's fold. */
export function sumsOf({ acknowledged }: Ledger): Record<string, number> {
  const sums: Record<string, number> = Object.fromEntries(CATEGORIES.map((id) => [id, 0]))
  for (const allocation of acknowledged.values())
    for (const [id, share] of Object.entries(allocation)) sums[id]! += share
  return sums
}

/** A tenth to each of ten categories drawn at random, with repetition. */
export function randomAllocation(): Allocation {
  const allocation: Record<string, number> = Object.fromEntries(CATEGORIES.map((id) => [id, 0]))
  for (let n = 0; n < 10; n++) allocation[CATEGORIES[Math.floor(Math.random() * 10)]!]! += 1000
  return allocation
}

interface ClientsOptions {
  /** Where they write down what they know; one of their own if left out. */
  readonly ledger?: Ledger
  /** So long each of them thinks between two submissions, milliseconds. */
  readonly thinkMs?: number
}

export interface Clients {
  readonly ledger: Ledger
  /** They go away at once: of what was under way nobody knows what became of it. */
  readonly stop: () => Promise<void>
  /** They submit nothing new, and repeat what was under way until it is acknowledged. */
  readonly finish: () => Promise<void>
}

/** Clients that submit one after the other until stopped; what fails is sent again with the same key. */
export function startClients(
  url: string,
  clients: number,
  { ledger = emptyLedger(), thinkMs = 0 }: ClientsOptions = {},
): Clients {
  let [stopping, finishing] = [false, false]
  const client = async () => {
    while (!stopping && !finishing) {
      const [key, allocation] = [randomUUID(), randomAllocation()]
      ledger.sent.count++
      while (!(await submit(url, key, allocation, ledger)) && !stopping) await sleep(50)
      if (thinkMs > 0) await sleep(2 * thinkMs * Math.random())
    }
  }
  const running = Promise.all(Array.from({ length: clients }, client))
  return {
    ledger,
    stop: async () => {
      stopping = true
      await running
    },
    finish: async () => {
      finishing = true
      await running
    },
  }
}

async function submit(url: string, key: string, allocation: Allocation, ledger: Ledger): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/polls/us-federal/submissions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ allocation }),
      signal: AbortSignal.timeout(15_000),
    })
    const body = await response.text()
    if (response.status === 201) ledger.acknowledged.set(JSON.parse(body).submission, allocation)
    else if (response.status !== 503) ledger.unexpected.push(`${response.status} ${body}`)
    return response.status === 201
  } catch {
    // The connection broke: whether it counts is not known, so it is sent again.
    return false
  }
}
