import type { RecordedEvent } from '../../events/event-log.ts'

/**
 * When an event occurred, as questions as of a time see it, ISO 8601; empty for one that belongs to every time. A
 * poll's opening does: what was imported into it may have occurred long before.
 */
export function occurredAtOf({ type, data }: RecordedEvent): string {
  if (type === 'PollOpened') return ''
  const { occurredAt } = (data ?? {}) as { occurredAt?: unknown }
  return typeof occurredAt === 'string' ? occurredAt : ''
}
