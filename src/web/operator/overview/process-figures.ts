import type { ProcessState } from '../../../processes/process-state.ts'
import { bytes, duration, figure } from '../words.ts'

/** A figure that says something at a glance; what processes tell beside is for the doctor. */
interface KnownFigure {
  readonly name: string
  readonly label: string
  readonly write: (value: number) => string
  /** The role for which it says something; any, if left out. */
  readonly role?: string
}

const milliseconds = (value: number) => `${figure(value)}\u00a0ms`

const known: readonly KnownFigure[] = [
  { name: 'requestsPerSecond', label: 'requests/s', write: figure, role: 'web' },
  { name: 'errorsPerSecond', label: 'errors/s', write: figure, role: 'web' },
  { name: 'submissionsPerSecond', label: 'submissions/s', write: figure, role: 'web' },
  { name: 'p95Ms', label: 'p95 of answers', write: milliseconds, role: 'web' },
  { name: 'appendP95Ms', label: 'p95 of appends', write: milliseconds, role: 'web' },
  { name: 'eventsPerSecond', label: 'events applied/s', write: figure, role: 'projector' },
  { name: 'lagSeconds', label: 'results behind', write: duration, role: 'projector' },
  { name: 'snapshotAgeSeconds', label: 'age of the snapshot', write: duration, role: 'web' },
  { name: 'diskFree', label: 'free disk', write: bytes },
]

/** What one process is doing for all. */
const active: Readonly<Record<string, string>> = {
  keepsResults: 'keeps the results',
  keepsSubmissions: 'keeps the submissions',
  relays: 'relays',
}

/** The figures of a process, as they are shown. */
export const processFigures = ({ figures, roles }: ProcessState): { label: string; text: string }[] =>
  known
    .filter(({ role }) => role === undefined || roles.includes(role))
    .filter(({ name }) => Number.isFinite(figures[name]))
    .map(({ name, label, write }) => ({ label, text: write(figures[name]!) }))

/** `keeps the results, relays`; empty for one that stands by. */
export const activeAs = ({ figures }: ProcessState): string =>
  Object.entries(active)
    .filter(([name]) => figures[name] === 1)
    .map(([, words]) => words)
    .join(', ')
