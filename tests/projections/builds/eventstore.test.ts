/** Positions that count bytes: where a range begins is known when the one before it has been read. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EventStoreEventLog } from '../../../src/events/eventstore-event-log.ts'
import { type ServerUnderTest, startServerUnderTest } from '../../esdb/server-under-test.ts'
import { history } from './some-history.ts'
import { openWorkshop, rowsOf, type Workshop } from './workshop.ts'

let server: ServerUnderTest
let shop: Workshop

beforeEach(async () => {
  server = await startServerUnderTest()
  const { url, prefix } = server
  shop = await openWorkshop(() => new EventStoreEventLog({ url, prefix }), 640n)
})
afterEach(async () => {
  await shop.close()
  await server.close()
})

it.each(['category-aggregate', 'submissions'] as const)(
  'a version of %s is built from a log in EventStoreDB, promoted, and rolled back',
  { timeout: 60_000 },
  async (projection) => {
    await shop.write(history(80))
    await shop.project()
    await shop.operations.rebuild(projection, { by: 'test', promote: false })
    shop.build(projection, { rangeEvents: 10 })
    await shop.comes(projection, 'ready')
    expect(await rowsOf(shop.url, projection, 2)).toEqual(await rowsOf(shop.url, projection, 1))
    const ready = await shop.version(projection, 2)
    expect(ready?.position).toBe(await shop.log.head())
    expect(ready?.build?.events).toBeGreaterThan(60)
    await shop.operations.promote(projection, 2, 'test')
    await shop.write(history(30, ['three', 'four']))
    await shop.project()
    await shop.operations.rollback(projection, 'test')
    await shop.isLive(projection, 1)
    expect(await rowsOf(shop.url, projection, 1)).toEqual(await rowsOf(shop.url, projection, 2))
  },
)
