import type { CheckResult, Doctor, Routine } from '../../../doctor/check.ts'

export const routines: readonly { readonly value: Routine; readonly label: string }[] = [
  { value: 'always', label: 'Everything that is needed always' },
  { value: 'daily', label: 'The daily checklist' },
  { value: 'weekly', label: 'The weekly checklist' },
  { value: 'monthly', label: 'The monthly checklist' },
]

export interface DoctorView {
  readonly routines: typeof routines
  readonly routine: Routine
  /** The worst first. */
  readonly results: readonly CheckResult[]
  readonly counts: Readonly<Record<CheckResult['status'], number>>
  /** Whether it was ended before everything was looked at. */
  readonly isCutShort: boolean
}

const order = { failed: 0, warning: 1, fine: 2 } as const

/** Has everything of a routine looked at, until `signal` aborts. */
export async function examined(doctor: Doctor, routine: Routine, signal: AbortSignal): Promise<DoctorView> {
  const results: CheckResult[] = []
  for await (const result of doctor.examine(routine, signal)) results.push(result)
  const countOf = (status: CheckResult['status']) =>
    results.filter((result) => result.status === status).length
  return {
    routines,
    routine,
    results: results.toSorted((a, b) => order[a.status] - order[b.status]),
    counts: { fine: countOf('fine'), warning: countOf('warning'), failed: countOf('failed') },
    isCutShort: signal.aborted,
  }
}

export const isRoutine = (text: unknown): text is Routine => routines.some(({ value }) => value === text)
