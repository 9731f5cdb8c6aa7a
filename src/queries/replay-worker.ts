/** Runs one replay in a thread of its own, so that the event loop goes on serving. */
import { parentPort, workerData } from 'node:worker_threads'
import { PostgresEventLog } from '../events/postgres/postgres-event-log.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { replay } from './replay.ts'

/** What the thread is given. */
export interface ReplayRequest {
  readonly databaseUrl: string
  readonly upTo?: bigint
  readonly asOf?: string
}

/** What the thread answers: some progress, then the aggregates of every poll. */
export type ReplayMessage = { readonly events: number } | { readonly polls: readonly PollAggregate[] }

const PROGRESS_EVERY_MS = 200

const { databaseUrl, ...options } = workerData as ReplayRequest
const log = new PostgresEventLog({ databaseUrl })
let told = 0
const { fold } = await replay(log, {
  ...options,
  onProgress: (events) => {
    if (performance.now() - told < PROGRESS_EVERY_MS) return
    told = performance.now()
    parentPort?.postMessage({ events } satisfies ReplayMessage)
  },
})
await log.close()
parentPort?.postMessage({ polls: [...fold.polls.values()] } satisfies ReplayMessage)
