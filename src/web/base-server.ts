import type { IncomingMessage, Server } from 'node:http'
import fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import type { Route } from '../metrics/request-timings.ts'
import { watchMethods } from './allowed-methods.ts'
import { answerClientError } from './client-errors.ts'
import { type AnswerError, handleErrors } from './error-handlers.ts'
import { loggerOptions, type OnAnswered, QuietLogs } from './logging.ts'
import { requestLog } from './request-log.ts'

const SECOND = 1000

/** For so long a handler may be silent. Queries and the event log have shorter deadlines of their own. */
const SILENCE_MS = 120 * SECOND

/** An allocation over a hundred categories takes 7 KiB. */
const BODY_LIMIT = 64 * 1024

export interface BaseOptions {
  /** Proxies to believe, as fastify's `trustProxy`. */
  readonly trustProxy: boolean | string
  /** pino's level. */
  readonly logLevel: string
  readonly answerError: AnswerError
  readonly metrics: Metrics
  /** What a request's address is to the routes. */
  readonly rewriteUrl?: FastifyHttpOptions<Server>['rewriteUrl']
  /** Which requests become something else than HTTP, and go to the server's listeners of 'upgrade'; none without it. */
  readonly isUpgrade?: (request: IncomingMessage) => boolean
}

/**
 * What every server of this program is, whatever it serves: its deadlines, its logs, how it refuses and how it closes.
 * The root has no hooks that run per request: what pages need (headers, cookies, views) they bring in their own scope,
 * so that the API's hot path does not pay for it.
 */
export function baseServer(options: BaseOptions): FastifyInstance {
  const app = fastify(optionsFor(options))
  app.setChildLoggerFactory(requestLog)
  handleErrors(app, watchMethods(app), options.answerError)
  ignoreExpectations(app)
  closeConnections(app)
  options.metrics.listens(app.server)
  // An address that does not exist is told so whatever was sent to it: nothing is parsed here.
  app.removeAllContentTypeParsers()
  return app
}

const optionsFor = ({
  trustProxy,
  logLevel,
  answerError,
  metrics,
  rewriteUrl,
  isUpgrade = () => false,
}: BaseOptions): FastifyHttpOptions<Server> => ({
  http: { maxHeaderSize: 16 * 1024, headersTimeout: 15 * SECOND, shouldUpgradeCallback: isUpgrade },
  requestTimeout: 30 * SECOND,
  connectionTimeout: SILENCE_MS,
  // Longer than the 60 s after which load balancers give up an idle connection: they must be the first to.
  keepAliveTimeout: 72 * SECOND,
  pluginTimeout: 30 * SECOND,
  bodyLimit: BODY_LIMIT,
  trustProxy,
  ...(rewriteUrl && { rewriteUrl }),
  genReqId: requestIds(),
  logger: loggerOptions(logLevel),
  logController: new QuietLogs(logLevel, timing(metrics)),
  // A request that still comes in over an open connection is answered as any other, then the connection is closed.
  return503OnClosing: false,
  forceCloseConnections: 'idle',
  frameworkErrors: answerError,
  clientErrorHandler: answerClientError,
})

/**
 * Told by fastify's logging, which hears of every answer anyway, and of those that were cut off: a hook for it would cost
 * more, and hide the latter.
 */
const timing =
  ({ requests }: Metrics): OnAnswered =>
  (request, reply) =>
    requests.answered(
      request.routeOptions.config as Route,
      request.method,
      reply.statusCode,
      reply.elapsedTime,
    )

/** Short, and different in every process, so that a number that somebody reports is found in the logs. */
function requestIds(): () => string {
  const process = Math.random().toString(36).slice(2, 8)
  let count = 0
  return () => `${process}-${(++count).toString(36)}`
}

/** RFC 9110 lets a server ignore an `Expect` that it does not know; Node by itself would answer without a body. */
function ignoreExpectations({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}

/**
 * From now on every answer says that its connection ends with it: who asks again takes another way. Until then it
 * costs nobody anything.
 */
export function closeAfterAnswers({ server }: FastifyInstance): void {
  server.prependListener('request', (_, response) => response.setHeader('connection', 'close'))
}

/** Connections that have answered their last request close at once, not after the keep-alive time. */
function closeConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    app.server.keepAliveTimeout = 1
    app.server.keepAliveTimeoutBuffer = 0
  })
}
