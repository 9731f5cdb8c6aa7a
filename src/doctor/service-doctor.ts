import { withDeadline } from '../deadline.ts'
import type { CheckResult, Doctor, Routine } from './check.ts'
import { type Check, Checklist } from './doctor.ts'
import { failed } from './words.ts'

export interface ServiceDoctorOptions {
  /** What can be looked at whatever is away. */
  readonly outside: readonly Check[]
  /** What the database tells, once it is open. @throws one sentence if it cannot be opened */
  readonly inside: () => Promise<readonly Check[]>
}

/** An embedded PostgreSQL may have to be started, or a schema be brought up to date. */
const OPENING_MS = 45_000

/** Looks at the servers first, and then at what the service has written down. */
export class ServiceDoctor implements Doctor {
  readonly #options: ServiceDoctorOptions

  constructor(options: ServiceDoctorOptions) {
    this.#options = options
  }

  async *examine(routine: Routine, signal: AbortSignal): AsyncGenerator<CheckResult> {
    const { outside, inside } = this.#options
    // While the servers are looked at it is opened already.
    const opening = withDeadline(OPENING_MS, 'opening the database', inside())
    opening.catch(() => {})
    yield* new Checklist(outside).examine(routine, signal)
    if (signal.aborted) return
    try {
      yield* new Checklist(await opening).examine(routine, signal)
    } catch (error) {
      yield notLookedAt(error as Error)
    }
  }
}

const notLookedAt = ({ message }: Error): CheckResult =>
  failed(
    {
      name: 'what the database tells',
      expected: 'processes, lag, backups and the rest can be looked at',
      actual: `not looked at: ${message.split('\n')[0]}`,
    },
    'Look again when PostgreSQL answers.',
  )
