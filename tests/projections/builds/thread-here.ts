import type { EventLog } from '../../../src/events/event-log.ts'
import type { BuildJobs, BuildThread } from '../../../src/projections/builds/build-jobs.ts'
import { BuildWork } from '../../../src/projections/builds/build-work.ts'

/** What a thread does, without the time that it takes to start one. @param onDone told of each job that is done */
export function threadHere(
  databaseUrl: string,
  log: EventLog,
  onDone: (job: keyof BuildJobs) => void = () => {},
): BuildThread {
  const opening = BuildWork.open(databaseUrl, log)
  return {
    ask: async (job, question, { signal = new AbortController().signal }) => {
      const answering = { signal, onProgress: () => {}, onWarning: () => {} }
      const answer = await (await opening).do({ job, question } as never, answering)
      onDone(job)
      return answer as never
    },
    close: async () => (await opening).close(),
  }
}
