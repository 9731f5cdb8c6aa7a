import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { type SerializedError, stdSerializers } from 'pino'

/** Headers that must never be in a log line, wherever and by whomever it is logged. */
const secrets = ['authorization', 'cookie', 'set-cookie', 'receipt', 'idempotency-key']

/** pino's options: no addresses, no query strings, and no secrets even if somebody logs headers or an answer. */
export const loggerOptions = (level: string) => ({
  level,
  base: { pid: process.pid },
  redact: {
    paths: secrets.flatMap((name) => ['', '*', 'headers', '*.headers'].map((path) => `${path}["${name}"]`)),
    censor: '[secret]',
  },
  serializers: {
    err: withoutCommand,
    req: ({ method = '', url = '' }) => ({ method, path: url.split('?', 1)[0] }),
    res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
  },
})

/** A refusal of Redis carries the whole command: a snapshot, or the password. */
function withoutCommand(error: Error): SerializedError {
  const { raw: _, command: __, ...told } = stdSerializers.err(error)
  return told as SerializedError
}

/** Told of every request that has been answered. On the way of all of them: it must cost next to nothing. */
export type OnAnswered = (request: FastifyRequest, reply: FastifyReply) => void

/** One line a request, at level debug: a busy service must not spend its time on writing logs. */
export class QuietLogs extends LogController {
  readonly #everyRequest: boolean
  readonly #onAnswered: OnAnswered

  constructor(level: string, onAnswered: OnAnswered) {
    super()
    this.#onAnswered = onAnswered
    this.#everyRequest = level === 'debug' || level === 'trace'
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    this.#onAnswered(request, reply)
    if (error) request.log.warn({ req: request, res: reply, err: error }, 'the answer was cut off')
    else if (this.#everyRequest)
      request.log.debug({ req: request, res: reply, ms: Math.round(reply.elapsedTime) }, 'answered')
  }
}
