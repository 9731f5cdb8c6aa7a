import type { Bus } from '../events/bus.ts'
import { pollOfStream } from '../events/poll-events.ts'
import type { PollCatalogue } from './poll-catalogue.ts'

/** What is remembered of a poll that opens or closes is forgotten as soon as the log tells. */
export async function forgetChangedPolls(bus: Bus, polls: PollCatalogue, signal: AbortSignal): Promise<void> {
  for await (const { events } of bus.subscribe({ signal }))
    for (const { stream } of events) {
      const poll = pollOfStream(stream)
      if (poll !== undefined) polls.forget(poll)
    }
}
