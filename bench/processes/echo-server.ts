/** The service's own server, with its reading of JSON, its logs and its error handlers: one more route that echoes. */
import type { Exclusions } from '../../src/commands/exclusions.ts'
import { PollCatalogue } from '../../src/commands/poll-catalogue.ts'
import type { EventLog } from '../../src/events/event-log.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import type { ParkedEvents } from '../../src/projections/parked-events.ts'
import type { Exports } from '../../src/queries/exports/exports.ts'
import type { ResultsQuery } from '../../src/queries/results.ts'
import type { TrendsQuery } from '../../src/queries/trends.ts'
import { Readiness } from '../../src/readiness.ts'
import { type JsonBody, takeJson } from '../../src/web/api/json-body.ts'
import { PollTexts } from '../../src/web/poll-texts.ts'
import { buildServer } from '../../src/web/server.ts'

const nobody = () => {
  throw new Error('nothing is behind this server')
}
/** Nobody asks it for anything but echoes. */
const log = new Proxy({}, { get: () => nobody }) as EventLog

const app = await buildServer({
  commands: { log, polls: new PollCatalogue(log), secret: '', now: () => new Date(), newId: nobody },
  results: log as unknown as ResultsQuery,
  snapshots: { onChange: () => () => {} },
  trends: log as unknown as TrendsQuery,
  exports: log as unknown as Exports,
  readersLog: log,
  parkedEvents: log as unknown as ParkedEvents,
  exclusions: log as unknown as Exclusions,
  pollTexts: new PollTexts(new Map()),
  defaultPoll: 'none',
  publicUrl: 'http://localhost',
  secret: '',
  operatorToken: undefined,
  operator: undefined,
  trustProxy: false,
  logLevel: 'warn',
  metrics: new Metrics(),
  readiness: new Readiness(),
})
await app.register(async (scope) => {
  takeJson(scope)
  scope.post<{ Body: JsonBody }>('/echo/polls/:poll/submissions', async ({ body }) => body.value)
})
process.once('SIGTERM', () => void app.close())
console.log(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}`)
