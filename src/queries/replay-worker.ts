/** Replays in a thread of its own, one question after the other, so that the event loop goes on serving. */
import { workerData } from 'node:worker_threads'
import type { EventLog } from '../events/event-log.ts'
import { PostgresEventLog } from '../events/postgres/postgres-event-log.ts'
import { PollStates } from '../projections/poll-states/poll-states.ts'
import { foldSegment } from '../projections/poll-states/segment.ts'
import { type Answering, answerQuestions } from '../threads/answer.ts'
import { yieldToOthers } from '../threads/low-priority.ts'
import type { RequestOf } from '../threads/messages.ts'
import { trustAuthorities } from '../trusted-authorities.ts'
import { answerPast } from './past/answer-past.ts'
import { foldRange } from './ranges/range-fold.ts'
import { replay } from './replay.ts'
import type { ReplayJobs, ReplayWorkerData } from './replay-jobs.ts'
import { selectSubmissions } from './selection/select-submissions.ts'

const data = workerData as ReplayWorkerData
trustAuthorities(data.tlsCa)
const log = openLog(data)
// Whoever needs it finds out that it cannot be had.
log.catch(() => {})
let states: Promise<PollStates> | undefined

answerQuestions<ReplayJobs>(work)

async function work(request: RequestOf<ReplayJobs>, answering: Answering): Promise<unknown> {
  const { signal, onProgress, onWarning } = answering
  // For one answer somebody waits; a thread is always asked for the same.
  yieldToOthers(request.job === 'past' ? 'a little' : 'wholly')
  switch (request.job) {
    case 'whole': {
      const { fold } = await replay(await log, {
        ...request.question,
        signal,
        onProgress: (events) => onProgress(events),
      })
      return [...fold.polls.values()]
    }
    case 'past': {
      const onStatesFailed = ({ message }: Error) => onWarning(message)
      const sources = { log: await log, states: await openStates().catch(onStatesFailed) }
      return await answerPast({ ...sources, states: sources.states ?? undefined }, request.question, {
        signal,
        onProgress,
        onStatesFailed,
      })
    }
    case 'segment':
      return await foldSegment(await log, request.question, signal)
    case 'range':
      return await foldRange(await log, request.question, { signal, onProgress })
    case 'selection':
      return await selectSubmissions(await log, request.question, { signal, onProgress })
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

async function openLog(data: ReplayWorkerData): Promise<EventLog> {
  const { databaseUrl, archiveDir, eventStore, leavesHalf } = data
  if (!eventStore)
    return new PostgresEventLog({
      databaseUrl,
      archiveDir,
      makesWay: leavesHalf ? 'half' : undefined,
    })
  // Loaded where it is used: a log in PostgreSQL needs none of it.
  const { EventStoreEventLog } = await import('../events/eventstore-event-log.ts')
  return new EventStoreEventLog(eventStore)
}
