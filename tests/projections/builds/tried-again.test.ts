/** Rows that were built in ranges, of a history in which operators had events tried again, are those of the live version. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventLog, RecordedEvent } from '../../../src/events/event-log.ts'
import { parkedStream } from '../../../src/events/operator-events.ts'
import { openPool } from '../../../src/postgres/pool.ts'
import { StoredProjectionOperations } from '../../../src/projections/builds/operations.ts'
import { SubmissionsProjection } from '../../../src/projections/submission-rows/submissions-projection.ts'
import { actions, tell } from '../../support/history.ts'
import { readOnlyLog, recorded } from '../../support/recorded.ts'
import { createRowsTable, type RowsTable } from '../submission-rows/table.ts'
import { threadHere } from './thread-here.ts'
import { rowsOf } from './workshop.ts'

const histories = fc.record({
  told: actions({ minLength: 20, maxLength: 80 }),
  /** What a program from before could not read of the first part. */
  unread: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  /** Where the first part ends, in percent. */
  firstPart: fc.integer({ min: 10, max: 90 }),
  /** How many events there are between two that are tried again. */
  between: fc.nat({ max: 3 }),
  rangeEvents: fc.integer({ min: 1, max: 80 }),
  /** Changes that are applied in one transaction. */
  maxEvents: fc.integer({ min: 1, max: 10 }),
})

it('given any of them, then no row differs', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ told, firstPart, unread, between, ...sizes }) => {
      const all = recorded(tell(told))
      const first = all.slice(0, Math.ceil((all.length * firstPart) / 100))
      const isUnread = (event: RecordedEvent) => event.position > 1n && !!unread[Number(event.position % 7n)]
      const blind = closed(first.filter(isUnread), first)
      const events = numbered([...first, ...withActs(blind, all.slice(first.length), between)])
      const table = await createRowsTable()
      try {
        const log = logOf(events)
        const active = await new SubmissionsProjection(table.pool, log).load()
        const seen = events.slice(0, first.length)
        await active.commit(
          seen.map((event) => (blind.some(({ id }) => id === event.id) ? hidden(event) : event)),
        )
        if (events.length > seen.length) await active.commit(events.slice(seen.length))
        await build(table, log, sizes)
        expect(await rowsOf(table.url, 'submissions', 2)).toEqual(await rowsOf(table.url, 'submissions', 1))
      } finally {
        await table.drop()
      }
    }),
    { numRuns: 20, endOnFailure: true },
  )
})

type Four = [RecordedEvent, RecordedEvent, RecordedEvent, RecordedEvent]

const pollOf = ({ data }: RecordedEvent) => (data as { readonly poll: string }).poll

/** With whatever is of a poll whose opening is among them: it is parked, too. */
function closed(blind: readonly RecordedEvent[], first: readonly RecordedEvent[]): RecordedEvent[] {
  const unopened = new Set(blind.filter(({ type }) => type === 'PollOpened').map(pollOf))
  return first.filter((event) => blind.includes(event) || unopened.has(pollOf(event)))
}

/** Each is tried again, in order, the first at once, with other events between. */
function withActs(
  blind: readonly RecordedEvent[],
  rest: readonly RecordedEvent[],
  between: number,
): RecordedEvent[] {
  const known = blind.filter(({ type }) => type !== 'SomethingFromTheFuture')
  const [events, waiting] = [[] as RecordedEvent[], [...rest]]
  for (const { position, stream, type, schemaVersion, data } of known) {
    const { occurredAt } = data as { readonly occurredAt: string }
    const event = { stream, type, schemaVersion, data }
    events.push({
      ...{
        id: randomUUID(),
        stream: parkedStream(position),
        revision: 0,
        type: 'EventRetried',
        schemaVersion: 1,
      },
      ...{ position: 0n, metadata: {}, recordedAt: occurredAt },
      data: {
        position: String(position),
        poll: pollOf({ data } as RecordedEvent),
        by: 'anna',
        occurredAt,
        event,
      },
    })
    events.push(...waiting.splice(0, between))
  }
  return [...events, ...waiting]
}

const numbered = (events: readonly RecordedEvent[]): RecordedEvent[] =>
  events.map((event, index) => ({ ...event, position: BigInt(index + 1) }))

const hidden = (event: RecordedEvent): RecordedEvent => ({ ...event, data: { poll: pollOf(event) } })

function logOf(events: readonly RecordedEvent[]): EventLog {
  const readStream = async (name: string) => events.filter(({ stream }) => stream === name)
  return { ...readOnlyLog(events), readStream, head: async () => BigInt(events.length) } as EventLog
}

async function build(
  { url, pool: rowsPool }: RowsTable,
  log: EventLog,
  { rangeEvents, maxEvents }: { readonly rangeEvents: number; readonly maxEvents: number },
): Promise<void> {
  const [pool, head] = [await openPool({ databaseUrl: url, deadlineMs: 5000, size: 2 }), await log.head()]
  const thread = threadHere(url, log)
  try {
    const operations = new StoredProjectionOperations({ log, pool, rowsPool, positionsPerEvent: 1n })
    const { version } = await operations.rebuild('submissions', { by: 'test', promote: false })
    const of = { projection: 'submissions', version } as const
    const options = { deadlineMs: 60_000 }
    for (let after = 0n; after < head; after += BigInt(rangeEvents)) {
      const end = after + BigInt(rangeEvents)
      await thread.ask('prepare', { ...of, after, upTo: end < head ? end : head }, options)
      await thread.ask('commit', undefined, options)
    }
    await thread.ask('complete', { ...of, maxEvents }, options)
  } finally {
    await thread.close()
    await pool.end()
  }
}

it.each([1, 10])(
  'given it was tried before its poll was opened, then in ranges of %d it makes no row either',
  { timeout: 60_000 },
  async (rangeEvents) => {
    const submit = {
      poll: 1,
      kind: 'submit',
      which: 0,
      allocation: { a: 10_000, b: 0, c: 0 },
      after: 1,
    } as const
    const [one, two, early, late] = recorded(tell([submit, submit])) as Four
    const events = numbered([one, early, ...withActs([{ ...early, position: 2n }], [two, late], 0)])
    const table = await createRowsTable()
    try {
      await table.project(events)
      await build(table, logOf(events), { rangeEvents, maxEvents: 10 })
      const rows = await rowsOf(table.url, 'submissions', 2)
      expect(rows).toEqual(await rowsOf(table.url, 'submissions', 1))
      expect(rows.submission_rows).toHaveLength(1)
    } finally {
      await table.drop()
    }
  },
)
