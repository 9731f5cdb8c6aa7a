/** Replays in a thread of its own, one question after the other, so that the event loop goes on serving. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EventLog } from '../events/event-log.ts'
import { PostgresEventLog } from '../events/postgres/postgres-event-log.ts'
import { PollStates } from '../projections/poll-states/poll-states.ts'
import { foldSegment } from '../projections/poll-states/segment.ts'
import { trustAuthorities } from '../trusted-authorities.ts'
import { yieldToOthers } from './low-priority.ts'
import { answerPast } from './past/answer-past.ts'
import { foldRange } from './ranges/range-fold.ts'
import { replay } from './replay.ts'
import type { ReplayMessage, ReplayRequest, ReplayWorkerData } from './replay-jobs.ts'
import { STOP } from './replay-jobs.ts'
import { selectSubmissions } from './selection/select-submissions.ts'

const PROGRESS_EVERY_MS = 200

const data = workerData as ReplayWorkerData
trustAuthorities(data.tlsCa)
const log = openLog(data)
// Whoever needs it finds out that it cannot be had.
log.catch(() => {})
let states: Promise<PollStates> | undefined
let stop = new AbortController()

const say = (message: ReplayMessage) => parentPort?.postMessage(message)

parentPort?.on('message', (request: ReplayRequest | typeof STOP) => {
  if (request === STOP) return stop.abort()
  stop = new AbortController()
  work(request, stop.signal).then(
    (answer) => say({ answer }),
    ({ message, name }: Error) => say({ error: message, name }),
  )
})

async function work(request: ReplayRequest, signal: AbortSignal): Promise<unknown> {
  // For one answer somebody waits; a thread is always asked for the same.
  yieldToOthers(request.job === 'past' ? 'a little' : 'wholly')
  const options = { signal, onProgress: nowAndThen() }
  switch (request.job) {
    case 'whole': {
      const { fold } = await replay(await log, {
        ...request.question,
        signal,
        onProgress: (events) => options.onProgress(events),
      })
      return [...fold.polls.values()]
    }
    case 'past': {
      const onStatesFailed = ({ message }: Error) => say({ warning: message })
      const sources = { log: await log, states: await openStates().catch(onStatesFailed) }
      return await answerPast({ ...sources, states: sources.states ?? undefined }, request.question, {
        ...options,
        onStatesFailed,
      })
    }
    case 'segment':
      return await foldSegment(await log, request.question, signal)
    case 'range':
      return await foldRange(await log, request.question, options)
    case 'selection':
      return await selectSubmissions(await log, request.question, options)
    default:
      return request satisfies never
  }
}

function openStates(): Promise<PollStates> {
  states ??= PollStates.open(data.databaseUrl)
  states.catch(() => {
    states = undefined
  })
  return states
}

function nowAndThen() {
  let told = performance.now()
  return (events: number, of?: number) => {
    if (performance.now() - told < PROGRESS_EVERY_MS) return
    told = performance.now()
    say({ events, ...(of !== undefined && { of }) })
  }
}

async function openLog({ databaseUrl, archiveDir, eventStore }: ReplayWorkerData): Promise<EventLog> {
  if (!eventStore)
    return new PostgresEventLog({ databaseUrl, ...(archiveDir !== undefined && { archiveDir }) })
  // Loaded where it is used: a log in PostgreSQL needs none of it.
  const { EventStoreEventLog } = await import('../events/eventstore-event-log.ts')
  return new EventStoreEventLog(eventStore)
}
