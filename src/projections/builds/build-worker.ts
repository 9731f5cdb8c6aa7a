/** Builds in a thread of its own, which lets everybody else go first. */
import { workerData } from 'node:worker_threads'
import type { EventLog } from '../../events/event-log.ts'
import { PostgresEventLog } from '../../events/postgres/postgres-event-log.ts'
import { answerQuestions } from '../../threads/answer.ts'
import { yieldToOthers } from '../../threads/low-priority.ts'
import { trustAuthorities } from '../../trusted-authorities.ts'
import type { BuildJobs, BuildWorkerData } from './build-jobs.ts'
import { BuildWork } from './build-work.ts'

const data = workerData as BuildWorkerData
trustAuthorities(data.tlsCa)
yieldToOthers('wholly')
const opening = BuildWork.open(data.databaseUrl, openLog(data))
// Whoever asks first finds out that they cannot be had.
opening.catch(() => {})
answerQuestions<BuildJobs>(async (request, answering) => await (await opening).do(request, answering))

async function openLog({ databaseUrl, archiveDir, eventStore }: BuildWorkerData): Promise<EventLog> {
  if (!eventStore) return new PostgresEventLog({ databaseUrl, archiveDir, makesWay: 'yields' })
  // Loaded where it is used: a log in PostgreSQL needs none of it.
  const { EventStoreEventLog } = await import('../../events/eventstore-event-log.ts')
  return new EventStoreEventLog(eventStore)
}
