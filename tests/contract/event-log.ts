/** What every event log must hold, whatever it is made of. An adapter's own test calls this with its harness. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type EventLog,
  EventLogUnavailable,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  START,
  WrongExpectedRevision,
} from '../../src/events/event-log.ts'
import { eventually } from '../support/eventually.ts'

/** A fresh, empty log, and the means to trouble it. */
export interface EventLogHarness {
  readonly log: EventLog
  /** Another client of the same log, as another process would have. */
  openAnother(): EventLog
  /** Cuts every connection once. */
  interrupt(): Promise<void>
  /** Keeps the next append to `stream` from becoming visible until the returned function is called. */
  holdAppend(stream: string): Promise<() => Promise<void>>
  /** An event that this log cannot store. */
  readonly unstorable: NewEvent
  close(): Promise<void>
}

const event = (data: object = { n: 1 }, id: string = randomUUID()): NewEvent => ({
  id,
  type: 'Tested',
  schemaVersion: 1,
  data,
})
const stream = () => `test-${randomUUID()}`

async function readAll(log: EventLog, after = START, upTo?: bigint): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of log.readAll({ after, ...(upTo !== undefined && { upTo }) })) events.push(...batch)
  return events
}

/** Follows the log in the background, keeping what it sees. */
function follow(log: EventLog, after = START) {
  const seen: RecordedEvent[] = []
  const stop = new AbortController()
  const done = (async () => {
    for await (const batch of log.subscribe({ after, signal: stop.signal })) seen.push(...batch)
  })()
  return {
    seen,
    stop: async () => {
      stop.abort()
      await done
    },
  }
}

export function eventLogContract(name: string, open: () => Promise<EventLogHarness>): void {
  describe(`event log contract: ${name}`, () => {
    let harness: EventLogHarness
    let log: EventLog

    beforeEach(async () => {
      harness = await open()
      log = harness.log
    })
    afterEach(() => harness.close())

    describe('append and read', () => {
      it('is empty at first', async () => {
        expect(await log.head()).toBe(START)
        expect(await readAll(log)).toEqual([])
        expect(await log.readStream(stream())).toEqual([])
      })

      it('gives back what was appended, in order, with revisions from 0', async () => {
        const name = stream()
        const metadata = { traceparent: '00-abc-def-01' }
        const events = [event({ n: 1 }), { ...event({ n: 2 }), metadata }]
        const outcome = await log.append(name, events, NO_STREAM)
        expect(outcome).toMatchObject({ revision: 1, repeated: false })
        const read = await log.readStream(name)
        expect(read).toMatchObject([
          { stream: name, revision: 0, id: events[0]!.id, type: 'Tested', schemaVersion: 1, data: { n: 1 } },
          { stream: name, revision: 1, id: events[1]!.id, data: { n: 2 }, position: outcome.position },
        ])
        expect(read.map((each) => each.metadata)).toEqual([{}, metadata])
        expect(Math.abs(Date.parse(read[0]!.recordedAt) - Date.now())).toBeLessThan(60_000)
        expect(await log.head()).toBe(outcome.position)
      })

      it('gives back any JSON and any text unharmed', async () => {
        const data = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { noNullPrototype: true })
        await fc.assert(
          fc.asyncProperty(data, async (data) => {
            const [name, stored] = [stream(), JSON.parse(JSON.stringify(data))]
            const before = await log.head()
            await log.append(name, [event(data)], NO_STREAM)
            expect((await log.readStream(name))[0]!.data).toEqual(stored)
            expect((await readAll(log, before))[0]!.data).toEqual(stored)
          }),
          { numRuns: 60 },
        )
      })

      it('reads a range: after is left out, upTo is included', async () => {
        const positions: bigint[] = []
        for (let n = 0; n < 5; n++)
          positions.push((await log.append(stream(), [event({ n })], NO_STREAM)).position)
        const read = await readAll(log, positions[0], positions[3])
        expect(read.map((each) => each.position)).toEqual(positions.slice(1, 4))
        expect(await readAll(log, positions[4])).toEqual([])
      })

      it('gives to who folds all that a fold needs, submissions in columns or not', async () => {
        const submitted = (n: number) => ({
          ...{ id: randomUUID(), type: 'AllocationSubmitted', schemaVersion: 2 },
          data: { poll: 'one', allocation: { a: n, b: 10_000 - n }, occurredAt: new Date(n).toISOString() },
        })
        const events = Array.from({ length: 60 }, (_, n) => (n === 40 ? event({ n }) : submitted(n)))
        await log.append(stream(), events, NO_STREAM)
        const needed = ({ position, stream, revision, type, schemaVersion, data }: RecordedEvent) => ({
          ...{ position, stream, revision, type, schemaVersion, data },
        })
        const read: RecordedEvent[] = []
        for await (const batch of log.readAll({ after: START, forFold: true })) read.push(...batch)
        expect(read.map(needed)).toEqual((await readAll(log)).map(needed))
        expect(read.map(({ data }) => data)).toEqual(events.map(({ data }) => data))
      })

      it('ends a reading when its signal aborts', async () => {
        await log.append(stream(), [event()], NO_STREAM)
        const stop = new AbortController()
        stop.abort()
        const reading = log.readAll({ after: START, signal: stop.signal })[Symbol.asyncIterator]()
        await expect(reading.next()).rejects.toThrow()
      })
    })

    describe('expected revision', () => {
      it('refuses a stream that exists where none is expected, and names its revision', async () => {
        const name = stream()
        await log.append(name, [event(), event()], NO_STREAM)
        const refused = log.append(name, [event()], NO_STREAM)
        await expect(refused).rejects.toThrow(WrongExpectedRevision)
        await expect(refused).rejects.toMatchObject({ stream: name, expected: -1, actual: 1 })
      })

      it('refuses a stream that stands elsewhere, before or behind', async () => {
        const name = stream()
        await log.append(name, [event(), event()], NO_STREAM)
        await expect(log.append(name, [event()], 0)).rejects.toMatchObject({ actual: 1 })
        await expect(log.append(name, [event()], 5)).rejects.toMatchObject({ actual: 1 })
        await expect(log.append(stream(), [event()], 0)).rejects.toMatchObject({ actual: NO_STREAM })
        expect(await log.readStream(name)).toHaveLength(2)
      })

      it('lets one of many rivals win, and tells the others where the stream stands', async () => {
        const name = stream()
        await log.append(name, [event()], NO_STREAM)
        const rivals = Array.from({ length: 20 }, (_, n) => log.append(name, [event({ n })], 0))
        const outcomes = await Promise.allSettled(rivals)
        const won = outcomes.filter(({ status }) => status === 'fulfilled')
        const lost = outcomes.filter(({ status }) => status === 'rejected')
        expect(won).toHaveLength(1)
        for (const { reason } of lost as PromiseRejectedResult[]) expect(reason).toMatchObject({ actual: 1 })
        expect(await log.readStream(name)).toHaveLength(2)
      })
    })

    describe('repeated appends', () => {
      it('returns the first outcome and writes nothing', async () => {
        const [name, events] = [stream(), [event(), event()]]
        const first = await log.append(name, events, NO_STREAM)
        const again = await log.append(name, events, NO_STREAM)
        expect(again).toEqual({ ...first, repeated: true })
        expect(await log.readStream(name)).toHaveLength(2)
        expect(await log.head()).toBe(first.position)
      })

      it('knows the repeat even after the stream went on', async () => {
        const [name, first] = [stream(), [event()]]
        const outcome = await log.append(name, first, NO_STREAM)
        await log.append(name, [event()], 0)
        expect(await log.append(name, first, NO_STREAM)).toEqual({ ...outcome, repeated: true })
      })

      it('knows the repeat by its ids alone: the metadata stays that of the first', async () => {
        const [name, first] = [stream(), event()]
        const traced = (n: string) => [{ ...first, metadata: { traceparent: n } }]
        const outcome = await log.append(name, traced('one'), NO_STREAM)
        for (const again of [traced('two'), [first]])
          expect(await log.append(name, again, NO_STREAM)).toEqual({ ...outcome, repeated: true })
        expect(await log.readStream(name)).toMatchObject([{ metadata: { traceparent: 'one' } }])
      })

      it('takes other ids at the same revision for a conflict, if only one differs', async () => {
        const [name, events] = [stream(), [event(), event()]]
        await log.append(name, events, NO_STREAM)
        const other = [events[0]!, event()]
        await expect(log.append(name, other, NO_STREAM)).rejects.toMatchObject({ actual: 1 })
        const longer = [...events, event()]
        await expect(log.append(name, longer, NO_STREAM)).rejects.toMatchObject({ actual: 1 })
      })

      it('writes once when fifty send the same at the same time, from two clients', async () => {
        const [name, events, other] = [stream(), [event()], harness.openAnother()]
        const sent = Array.from({ length: 50 }, (_, n) =>
          (n % 2 ? log : other).append(name, events, NO_STREAM),
        )
        const outcomes = await Promise.all(sent)
        await other.close()
        expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1)
        expect(outcomes.filter(({ repeated }) => !repeated)).toHaveLength(1)
        expect(await log.readStream(name)).toHaveLength(1)
      })
    })

    describe('many at once', () => {
      it('gives each of 500 appends from two clients a place of its own, visible once acknowledged', async () => {
        const other = harness.openAnother()
        const acknowledged = await Promise.all(
          Array.from({ length: 500 }, async (_, n) => {
            const { position } = await (n % 2 ? log : other).append(stream(), [event({ n })], NO_STREAM)
            expect(await log.head()).toBeGreaterThanOrEqual(position)
            return position
          }),
        )
        await other.close()
        expect(new Set(acknowledged).size).toBe(500)
        const read = await readAll(log)
        expect(read).toHaveLength(500)
        expect(read.map(({ position }) => position)).toEqual(
          [...acknowledged].sort((a, b) => (a < b ? -1 : 1)),
        )
      })

      it('fails a bad append alone, not the ones that came with it', async () => {
        const good = Array.from({ length: 20 }, (_, n) => log.append(stream(), [event({ n })], NO_STREAM))
        const name = stream()
        await log.append(name, [event()], NO_STREAM)
        const conflict = log.append(name, [event()], NO_STREAM)
        const bad = log.append(stream(), [harness.unstorable], NO_STREAM)
        const more = Array.from({ length: 20 }, (_, n) => log.append(stream(), [event({ n })], NO_STREAM))
        const [first, second] = await Promise.allSettled([bad, conflict])
        await Promise.all([...good, ...more])
        expect(first.status).toBe('rejected')
        expect(second).toMatchObject({ status: 'rejected', reason: { name: 'WrongExpectedRevision' } })
        expect(await readAll(log)).toHaveLength(41)
      })
    })

    describe('subscription', () => {
      it('catches up, then follows live, every event once and in order', async () => {
        for (let n = 0; n < 5; n++) await log.append(stream(), [event({ n })], NO_STREAM)
        const follower = follow(log)
        await eventually(() => expect(follower.seen).toHaveLength(5))
        for (let n = 5; n < 10; n++) await log.append(stream(), [event({ n })], NO_STREAM)
        await eventually(() => expect(follower.seen).toHaveLength(10))
        await follower.stop()
        expect(follower.seen.map(({ data }) => (data as { n: number }).n)).toEqual([
          0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        ])
      })

      it('starts after the position it is given', async () => {
        await log.append(stream(), [event({ n: 1 })], NO_STREAM)
        const { position } = await log.append(stream(), [event({ n: 2 })], NO_STREAM)
        await log.append(stream(), [event({ n: 3 })], NO_STREAM)
        const follower = follow(log, position)
        await eventually(() => expect(follower.seen).toHaveLength(1))
        await follower.stop()
        expect(follower.seen[0]!.data).toEqual({ n: 3 })
      })

      it('misses nothing when one append becomes visible late while others arrive', async () => {
        const held = stream()
        const release = await harness.holdAppend(held)
        const follower = follow(log)
        const other = harness.openAnother()
        const appends = [log.append(held, [event({ n: 0 })], NO_STREAM)]
        for (let n = 1; n <= 20; n++) {
          appends.push((n % 2 ? log : other).append(stream(), [event({ n })], NO_STREAM))
          await new Promise((resolve) => setTimeout(resolve, 10))
        }
        await release()
        await Promise.all(appends)
        await eventually(() => expect(follower.seen.length).toBeGreaterThanOrEqual(21))
        await follower.stop()
        await other.close()
        const positions = follower.seen.map(({ position }) => position)
        expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)))
        const numbers = follower.seen.map(({ data }) => (data as { n: number }).n).sort((a, b) => a - b)
        expect(numbers).toEqual(Array.from({ length: 21 }, (_, n) => n))
      })

      it('goes on by itself after lost connections; appends under way are written once', async () => {
        const follower = follow(log)
        const names: string[] = []
        for (let round = 0; round < 3; round++) {
          const appends = Array.from({ length: 30 }, (_, n) => {
            const name = stream()
            names.push(name)
            return log.append(name, [event({ n })], NO_STREAM)
          })
          await harness.interrupt()
          await Promise.all(appends)
        }
        await eventually(() => expect(follower.seen.length).toBeGreaterThanOrEqual(90))
        await follower.stop()
        expect(follower.seen.map((each) => each.stream).sort()).toEqual([...names].sort())
      })
    })

    it('takes no more appends once it is closed', async () => {
      const other = harness.openAnother()
      await other.close()
      await expect(other.append(stream(), [event()], NO_STREAM)).rejects.toThrow(EventLogUnavailable)
    })
  })
}
