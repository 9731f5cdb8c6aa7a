import type { Position } from '../../events/event-log.ts'
import type { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'

/** The rows as they were when the results stood where they are compared, or as far as they have come. */
export async function rowsNoLaterThan(
  limit: Position,
  store: Pick<SubmissionRowsStore, 'checkpoint' | 'aggregates'>,
) {
  const checkpoint = await store.checkpoint()
  const position = checkpoint < limit ? checkpoint : limit
  return { position, aggregates: await store.aggregates(position) }
}
