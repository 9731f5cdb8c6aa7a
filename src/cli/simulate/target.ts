import { submitAllocation } from '../../commands/submit-allocation.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'
import type { Services } from '../services.ts'
import { ApiClient } from './api-client.ts'

/** Where simulated submissions go. */
export interface Target {
  readonly definition: PollDefinition
  /** How many may be under way at once when no rate is asked for. */
  readonly window: number
  readonly submit: (allocation: Allocation, key: string) => Promise<void>
}

/** Through the running service, as people's own submissions. */
export async function apiTarget(url: string, poll: string): Promise<Target> {
  const client = new ApiClient(url)
  return {
    definition: await client.poll(poll),
    window: 32,
    submit: (allocation, key) => client.submit(poll, allocation, key),
  }
}

/** Straight into the event log. */
export async function directTarget({ commands }: Services, poll: string): Promise<Target> {
  const { definition } = await commands.polls.get(poll)
  return {
    definition,
    window: 1000,
    submit: async (allocation, key) => {
      await submitAllocation(commands, { poll, allocation, via: 'simulation', key })
    },
  }
}
