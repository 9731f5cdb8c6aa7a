import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { NO_STREAM, START } from '../../src/events/event-log.ts'
import { LogGuard } from '../../src/events/log-guard.ts'
import { holds, isSameMark, type Marked, markOf } from '../../src/events/log-marks.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { ArchivedMonths } from '../support/archived-months.ts'
import { createTestDatabase } from '../support/database.ts'
import { execute } from '../support/stored-periods.ts'

async function givenLog() {
  const database = await createTestDatabase()
  const archived = await ArchivedMonths.open(database.url)
  const log = new PostgresEventLog({ databaseUrl: database.url, archiveDir: archived.folder })
  onTestFinished(async () => {
    await log.close()
    await archived.close()
    await database.drop()
  })
  const append = (id = randomUUID()) =>
    log.append(`of-${id}`, [{ id, type: 'Tested', schemaVersion: 1, data: {} }], NO_STREAM)
  return { database, archived, log, append }
}

describe('marks of a log in PostgreSQL', () => {
  test('given events, then each has the mark that its readers make of it, from the table and from the archive', async () => {
    const { archived, log, append } = await givenLog()
    expect([await log.marks.last(), await log.marks.at(1n)]).toEqual([undefined, undefined])
    for (let n = 0; n < 5; n++) await append()
    const marked: Marked[] = []
    for await (const events of log.readAll({ after: START }))
      for (const event of events) marked.push({ position: event.position, mark: markOf(event) })
    for (const { position, mark } of marked) expect(await log.marks.at(position)).toBe(mark)
    expect(await log.marks.last()).toEqual(marked.at(-1))
    await archived.turn()
    for (const each of marked) expect(await holds(log.marks, each)).toBe(true)
    for await (const events of log.readAll({ after: START }))
      expect(events.map(markOf)).toEqual(marked.map(({ mark }) => mark))
  })

  test('given the same id at another time, as when an import is repeated, then it is another event', () => {
    expect(isSameMark('a 1', 'a 1')).toBe(true)
    expect(isSameMark('a 1', 'a 2')).toBe(false)
    expect(isSameMark('a 1', 'b 1')).toBe(false)
    expect(isSameMark('a 1', 'a -')).toBe(true)
    expect(isSameMark('a 1', undefined)).toBe(false)
  })
})

describe('a guard', () => {
  test('given a log that goes back, and one that has grown again since, then it tells once, and /readyz says so', async () => {
    for (const regrown of [0, 5]) {
      const { database, log, append } = await givenLog()
      for (let n = 0; n < 4; n++) await append()
      const onWentBack = vi.fn()
      const guard = new LogGuard({ log, marks: log.marks, onWentBack })
      await guard.look()
      await append()
      await guard.look()
      expect(await guard.tell()).toBeUndefined()
      await execute(
        database.url,
        'delete from events where position > 3',
        'delete from event_places where position > 3',
      )
      for (let n = 0; n < regrown; n++) await append()
      await guard.look()
      await guard.look()
      expect(onWentBack.mock.calls).toEqual([
        [
          expect.stringContaining(
            `it ends at position ${3 + regrown}, and does not have the event any more that was at position 5`,
          ),
        ],
      ])
      await expect(guard.tell()).rejects.toThrow('the event log has gone back')
    }
  })

  test('given what was shown after it last looked, when that is gone, then it notices', async () => {
    const { database, log, append } = await givenLog()
    await append()
    const onWentBack = vi.fn()
    const guard = new LogGuard({ log, marks: log.marks, onWentBack })
    await guard.look()
    await append()
    guard.seen((await log.marks.last())!)
    await execute(
      database.url,
      'delete from events where position > 1',
      'delete from event_places where position > 1',
    )
    await guard.look()
    expect(onWentBack).toHaveBeenCalledTimes(1)
  })

  test('given a log that is away, or has no marks, then nothing is told', async () => {
    const onWentBack = vi.fn()
    const away = async () => {
      throw new Error('away')
    }
    const head = async () => 5n
    const guard = new LogGuard({ log: { head }, marks: { at: away, last: away }, onWentBack, everyMs: 1 })
    guard.start()
    await expect(guard.look()).rejects.toThrow('away')
    await guard.close()
    await new LogGuard({ log: { head }, marks: undefined, onWentBack }).look()
    expect(onWentBack).not.toHaveBeenCalled()
  })
})
