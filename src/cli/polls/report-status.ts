import type { SubmissionContext } from '../../commands/submit-allocation.ts'
import type { Call } from '../command.ts'

/** For programs: how the poll stands now. */
export async function reportStatus(
  { terminal, values }: Pick<Call, 'terminal' | 'values'>,
  { polls }: SubmissionContext,
  poll: string,
): Promise<void> {
  if (!values.json) return
  polls.forget(poll)
  const { status } = await polls.get(poll)
  terminal.print(JSON.stringify({ poll, status }))
}
