import { randomUUID } from 'node:crypto'
import { seededRandom } from '../src/cli/simulate/random.ts'
import { simulateAllocation } from '../src/cli/simulate/simulate-allocation.ts'
import { hashReceipt } from '../src/commands/receipt.ts'
import { schemaVersionOf } from '../src/events/domain-events.ts'
import { type EventLog, type NewEvent, NO_STREAM } from '../src/events/event-log.ts'
import { submissionStream } from '../src/events/submission-events.ts'
import { POLL, pollDefinition } from './seed.ts'

/** A first event of a stream that does not exist yet. */
export interface FreshEvent {
  readonly stream: string
  readonly event: NewEvent
}

const DIFFERENT = 1000

/** Makes events as a submission through the API makes them; what they hold repeats after a thousand. */
export async function freshEvents(): Promise<() => FreshEvent> {
  const definition = await pollDefinition()
  const contents = Array.from({ length: DIFFERENT }, (_, index) => ({
    poll: POLL,
    allocation: simulateAllocation(definition, seededRandom(`append-${index}`)),
    via: 'api',
    receiptHash: hashReceipt(String(index)),
    occurredAt: new Date().toISOString(),
  }))
  const schemaVersion = schemaVersionOf('AllocationSubmitted')
  let next = 0
  return () => {
    const data = contents[next++ % DIFFERENT]!
    return {
      stream: submissionStream(randomUUID()),
      event: { id: randomUUID(), type: 'AllocationSubmitted', schemaVersion, data },
    }
  }
}

/** So many callers, each waiting for its append before it makes the next. @returns appends a second */
export async function appendRate(
  log: EventLog,
  fresh: () => FreshEvent,
  { callers, seconds }: { callers: number; seconds: number },
): Promise<number> {
  const started = performance.now()
  const deadline = started + seconds * 1000
  let appended = 0
  const call = async () => {
    while (performance.now() < deadline) {
      const { stream, event } = fresh()
      await log.append(stream, [event], NO_STREAM)
      appended++
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  return (appended * 1000) / (performance.now() - started)
}
