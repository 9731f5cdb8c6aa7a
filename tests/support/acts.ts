import fc from 'fast-check'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { parkedStream } from '../../src/events/operator-events.ts'
import { Fold } from '../../src/projections/fold.ts'

/** What operators do after an event, if anything: about which of the parked events. */
export const operatorsActs = fc.array(
  fc.record({ kind: fc.constantFrom('retry', 'retry', 'skip', 'none', 'delay'), which: fc.nat() }),
  { minLength: 1, maxLength: 40 },
)

type OperatorsAct = typeof operatorsActs extends fc.Arbitrary<readonly (infer T)[]> ? T : never

/**
 * The events with operators' acts among them; some come late: what they led to does not fit until then.
 * @returns with how many retried events fitted
 */
export function withActs(
  events: readonly RecordedEvent[],
  acts: readonly OperatorsAct[],
): { events: RecordedEvent[]; counted: number } {
  const fold = new Fold()
  const parked = new Map<bigint, RecordedEvent>()
  const told: RecordedEvent[] = []
  const late: RecordedEvent[] = []
  let counted = 0
  const add = (event: Omit<RecordedEvent, 'position'>) => {
    const recorded = { ...event, position: BigInt(told.length + 1) }
    told.push(recorded)
    const failed = fold.apply(recorded)
    if (failed)
      parked.set(failed.event.position, failed.again ? parked.get(failed.event.position)! : recorded)
  }
  for (const [index, event] of events.entries()) {
    const { kind, which } = acts[index % acts.length]!
    if (late.length > 0 && index % 4 === 3) for (const each of late.splice(0)) add(each)
    if (kind === 'delay' && event.type !== 'PollOpened') late.push(event)
    else add(event)
    const about = [...parked.values()][which % Math.max(1, parked.size)]
    if (!about || (kind !== 'retry' && kind !== 'skip')) continue
    const { stream, type, schemaVersion, data, position } = about
    const { poll } = data as { poll: string }
    const { occurredAt } = event.data as { occurredAt: string }
    const common = { position: String(position), poll, by: 'anna', occurredAt }
    const act =
      kind === 'skip'
        ? { type: 'EventSkipped', data: { ...common, reason: 'other' } }
        : { type: 'EventRetried', data: { ...common, event: { stream, type, schemaVersion, data } } }
    const waited = fold.isParked(position, poll)
    add({ ...event, ...act, schemaVersion: 1, stream: parkedStream(position) })
    if (kind === 'retry' && waited && !fold.isParked(position, poll)) counted++
  }
  return { events: told, counted }
}
