import type { CheckResult, Doctor, Routine } from '../../../src/doctor/check.ts'
import type { ProcessRegistry, ProcessState } from '../../../src/processes/process-state.ts'
import type { SignedOutSessions } from '../../../src/web/operator/session/sessions.ts'

/** Processes as a test puts them there. */
export class MemoryProcesses implements ProcessRegistry {
  processes: ProcessState[] = []
  /** While set, asking fails: the database is away. */
  trouble: Error | undefined

  async list(): Promise<readonly ProcessState[]> {
    if (this.trouble) throw this.trouble
    return this.processes
  }
}

/** A process that is well, but for `changes`. */
export const processState = (changes: Partial<ProcessState> = {}): ProcessState => ({
  ...{ id: 'one', roles: ['web'], host: 'web-1', url: 'http://10.0.0.1:3000', version: '0.1.0' },
  ...{ startedAt: new Date(Date.now() - 3_700_000), seenAt: new Date(), alive: true },
  readiness: {
    ready: true,
    checks: [
      { role: 'web', name: 'event log', ready: true },
      { role: 'web', name: 'results', ready: true },
    ],
  },
  ...{
    memory: 182_400_000,
    figures: { requestsPerSecond: 41.26, p95Ms: 12.4, requests: 7000, keepsResults: 1 },
  },
  ...changes,
})

/** Finds what a test has it find. */
export class MemoryDoctor implements Doctor {
  findings: CheckResult[] = []
  readonly asked: Routine[] = []

  async *examine(routine: Routine, signal: AbortSignal): AsyncIterable<CheckResult> {
    this.asked.push(routine)
    for (const finding of this.findings) {
      if (signal.aborted) return
      yield finding
    }
  }
}

/** What web processes share about sessions. */
export class MemorySignedOut implements SignedOutSessions {
  readonly #ids = new Set<string>()
  /** While set, asking fails: the database is away. */
  trouble: Error | undefined

  async add(id: string): Promise<void> {
    if (this.trouble) throw this.trouble
    this.#ids.add(id)
  }

  async has(id: string): Promise<boolean> {
    if (this.trouble) throw this.trouble
    return this.#ids.has(id)
  }
}
