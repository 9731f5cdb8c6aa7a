import { EventStoreEventLog } from '../../src/events/eventstore-event-log.ts'
import { startServerUnderTest } from '../esdb/server-under-test.ts'
import { type EventLogHarness, eventLogContract } from './event-log.ts'

async function open(): Promise<EventLogHarness> {
  const server = await startServerUnderTest()
  const openOne = () => new EventStoreEventLog({ url: server.url, prefix: server.prefix, streams: ['test-'] })
  const log = openOne()
  return {
    log,
    openAnother: openOne,
    interrupt: async () => server.cut(),
    holdAppend: async (stream) => {
      const release = server.hold(stream)
      return async () => release()
    },
    unstorable: { id: 'not a UUID', type: 'Tested', schemaVersion: 1, data: {} },
    close: async () => {
      await log.close()
      await server.close()
    },
  }
}

eventLogContract('EventStoreDB', open)
