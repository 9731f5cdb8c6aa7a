/** What a relay says of how it fares. */
import { expect, it, onTestFinished } from 'vitest'
import type { Bus } from '../../src/events/bus.ts'
import type { EventLog } from '../../src/events/event-log.ts'
import { relay } from '../../src/events/relay.ts'
import { batch } from '../support/batches.ts'
import { eventually } from '../support/eventually.ts'

/** A log with one batch in it, of which followers hear at once. */
const log = {
  head: async () => 3n,
  async *subscribe({ after = 0n, signal, onConnection }: Parameters<EventLog['subscribe']>[0]) {
    onConnection?.()
    if (after < 3n) yield batch(1, 3).events
    await new Promise((resolve) => signal!.addEventListener('abort', resolve))
  },
} as unknown as EventLog

function given(publish: () => Promise<void>, neededAfter = 0n): string[] {
  const stop = new AbortController()
  const outcomes: string[] = []
  const bus = { publisher: async () => ({ last: undefined, publish }) } as unknown as Bus
  const onOutcome = (error?: Error) => outcomes.push(error?.message ?? 'works')
  const done = relay({ log, bus, neededAfter: async () => neededAfter, onOutcome }, stop.signal)
  onTestFinished(() => {
    stop.abort()
    return done
  })
  return outcomes
}

it('given a bus that takes nothing, it never says that it works', async () => {
  const outcomes = given(() => Promise.reject(new Error('no JetStream')))
  await eventually(() => expect(outcomes.length).toBeGreaterThan(2))
  expect(new Set(outcomes)).toEqual(new Set(['no JetStream']))
})

it('given a bus that takes something again, it works again', async () => {
  let refusals = 2
  const outcomes = given(async () => {
    if (refusals-- > 0) throw new Error('full')
  })
  await eventually(() => expect(outcomes).toEqual(['full', 'full', 'works']))
})

it('given nothing to publish, it works as soon as it follows the log', async () => {
  const outcomes = given(() => Promise.reject(new Error('never asked')), 3n)
  await eventually(() => expect(new Set(outcomes)).toEqual(new Set(['works'])))
})
