import { randomUUID } from 'node:crypto'
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

/** A tenth to each of ten categories drawn at random, with repetition. */
function randomAllocation(): Allocation {
  const allocation: Record<string, number> = Object.fromEntries(CATEGORIES.map((id) => [id, 0]))
  for (let n = 0; n < 10; n++) allocation[CATEGORIES[Math.floor(Math.random() * 10)]!]! += 1000
  return allocation
}

/** Clients that submit one after the other until stopped; what fails is sent again with the same key. */
export function startClients(url: string, clients: number): { ledger: Ledger; stop: () => Promise<void> } {
  const ledger: Ledger = { acknowledged: new Map(), sent: { count: 0 }, unexpected: [] }
  let stopping = false
  const client = async () => {
    while (!stopping) {
      const [key, allocation] = [randomUUID(), randomAllocation()]
      ledger.sent.count++
      while (!(await submit(url, key, allocation, ledger)) && !stopping)
        await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const running = Promise.all(Array.from({ length: clients }, client))
  return {
    ledger,
    stop: async () => {
      stopping = true
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
