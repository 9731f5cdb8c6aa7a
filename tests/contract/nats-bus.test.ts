import { afterAll, beforeAll } from 'vitest'
import { openNats } from '../../src/events/nats/open.ts'
import { NatsServer } from '../support/nats-server.ts'
import { busContract } from './bus.ts'

let server: NatsServer
beforeAll(async () => {
  server = await NatsServer.start()
})
afterAll(() => server.close())

let services = 0

busContract('NATS', () => openNats({ url: server.url, id: `service-${++services}` }))
