import { AskedThread } from '../../threads/asked-thread.ts'
import type { BuildJobs, BuildWorkerData } from './build-jobs.ts'

/** A thread that builds, started when it is first needed. */
export const startBuildThread = (source: BuildWorkerData): AskedThread<BuildJobs> =>
  new AskedThread(new URL('build-worker.ts', import.meta.url), source, 'the build')
