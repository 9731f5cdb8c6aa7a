import type { ResourceLimits } from 'node:worker_threads'
import { AskedThread } from '../threads/asked-thread.ts'
import type { ReplayJobs, ReplayWorkerData } from './replay-jobs.ts'

/** A thread that replays, started when it is first needed. One question at a time. */
export class ReplayThread extends AskedThread<ReplayJobs> {
  /** @param limits of its heap, megabytes; the system's own if left out */
  constructor(source: ReplayWorkerData, limits?: ResourceLimits) {
    super(new URL('replay-worker.ts', import.meta.url), source, 'the replay', limits)
  }
}
