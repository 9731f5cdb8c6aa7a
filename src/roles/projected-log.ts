import type { Logger } from 'pino'
import type { RecordedEvent } from '../events/event-log.ts'
import { parseTraceparent, traceparentsOf } from '../events/trace-context.ts'

/** One line a commit, so that a trace is found where it ends: at info if somebody keeps one that is in it, else at debug. */
export const projectedLog = (logger: Logger) => (events: readonly RecordedEvent[]) => {
  if (!logger.isLevelEnabled('info')) return
  const traces = traceparentsOf(events).flatMap((text) => parseTraceparent(text) ?? [])
  const level = traces.some(({ sampled }) => sampled) ? 'info' : 'debug'
  logger[level](
    {
      from: String(events[0]!.position),
      to: String(events.at(-1)!.position),
      events: events.length,
      traceIds: [...new Set(traces.map(({ traceId }) => traceId))],
    },
    'projected',
  )
}
