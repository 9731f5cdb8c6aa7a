import { AskedThread } from '../threads/asked-thread.ts'
import type { ReplayJobs, ReplayWorkerData } from './replay-jobs.ts'

/** A thread that replays, started when it is first needed. One question at a time. */
export class ReplayThread extends AskedThread<ReplayJobs> {
  constructor(source: ReplayWorkerData) {
    super(new URL('replay-worker.ts', import.meta.url), source, 'the replay')
  }
}
