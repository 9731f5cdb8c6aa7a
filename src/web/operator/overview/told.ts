import { withDeadline } from '../../../deadline.ts'
import { Problem, problems } from '../../../errors.ts'

/** What was asked for, or why it is not there: one part that is away takes no page with it. */
export type Told<Value> = { readonly value: Value } | { readonly trouble: string }

const DEADLINE_MS = 3000

/** Asks, with a deadline. */
export async function told<Value>(what: string, ask: () => Promise<Value>): Promise<Told<Value>> {
  try {
    const asked = async () => await ask()
    return { value: await withDeadline(DEADLINE_MS, what, asked()) }
  } catch (error) {
    const because = error instanceof Problem ? (error.detail ?? problems[error.code].title) : undefined
    return { trouble: because ?? 'This cannot be read at the moment.' }
  }
}

export const knownOf = <Value>(answer: Told<Value>): Value | undefined =>
  'value' in answer ? answer.value : undefined

/** The same, presented. */
export const presented = <Value, View>(answer: Told<Value>, present: (value: Value) => View): Told<View> =>
  'value' in answer ? { value: present(answer.value) } : answer
