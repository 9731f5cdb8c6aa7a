/** Runs replays in a thread of its own, one after the other, so that the event loop goes on serving. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EventLog } from '../events/event-log.ts'
import { PostgresEventLog } from '../events/postgres/postgres-event-log.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { replay } from './replay.ts'

/** What the thread is started with: where the log is, for it cannot be handed the log itself. */
export type ReplayWorkerData =
  | { readonly databaseUrl: string; readonly archiveDir?: string }
  | { readonly eventStoreUrl: string; readonly eventStorePrefix: string }

/** What the thread is asked: everything up to a position, or to a time, or to the head. */
export interface ReplayRequest {
  readonly upTo?: bigint
  readonly asOf?: string
}

/** What the thread answers: some progress, then the aggregates of every poll, or what went wrong. */
export type ReplayMessage =
  | { readonly events: number }
  | { readonly polls: readonly PollAggregate[] }
  | { readonly error: string }

const PROGRESS_EVERY_MS = 200

const log = openLog(workerData as ReplayWorkerData)
const answer = (message: ReplayMessage) => parentPort?.postMessage(message)

parentPort?.on('message', (request: ReplayRequest) => {
  let told = performance.now()
  const onProgress = (events: number) => {
    if (performance.now() - told < PROGRESS_EVERY_MS) return
    told = performance.now()
    answer({ events })
  }
  const replayed = log.then((opened) => replay(opened, { ...request, onProgress }))
  replayed.then(
    ({ fold }) => answer({ polls: [...fold.polls.values()] }),
    (error: Error) => answer({ error: error.message }),
  )
})

async function openLog(data: ReplayWorkerData): Promise<EventLog> {
  if ('databaseUrl' in data) return new PostgresEventLog(data)
  // Loaded where it is used: a log in PostgreSQL needs none of it.
  const { EventStoreEventLog } = await import('../events/eventstore-event-log.ts')
  return new EventStoreEventLog({ url: data.eventStoreUrl, prefix: data.eventStorePrefix })
}
