import type { IncomingMessage } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { traceOf } from './trace.ts'

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
type Line = readonly [object, string?] | readonly [string]

/** What it needs of pino, which fastify's own type of a logger leaves out. */
interface ParentLog extends FastifyBaseLogger {
  isLevelEnabled(level: Level): boolean
}

/**
 * A request's logger that becomes one when it is first used. Most requests log nothing, and making a pino child for
 * each of them costs more than a tenth of what answering it does. Its lines name the trace of the request, if it has one.
 */
export const requestLog = (
  parent: FastifyBaseLogger,
  bindings: Readonly<Record<string, unknown>>,
  _options: object,
  request: object,
) =>
  // pino's overloads of each level cannot be written as methods of a class.
  new RequestLog(parent as ParentLog, bindings, request as IncomingMessage) as unknown as FastifyBaseLogger

class RequestLog {
  readonly #parent: ParentLog
  readonly #bindings: Readonly<Record<string, unknown>>
  readonly #request: IncomingMessage
  #child: FastifyBaseLogger | undefined

  constructor(parent: ParentLog, bindings: Readonly<Record<string, unknown>>, request: IncomingMessage) {
    this.#parent = parent
    this.#bindings = bindings
    this.#request = request
  }

  get level(): string {
    return this.#parent.level
  }

  fatal(...line: Line): void {
    this.#write('fatal', line)
  }

  error(...line: Line): void {
    this.#write('error', line)
  }

  warn(...line: Line): void {
    this.#write('warn', line)
  }

  info(...line: Line): void {
    this.#write('info', line)
  }

  debug(...line: Line): void {
    this.#write('debug', line)
  }

  trace(...line: Line): void {
    this.#write('trace', line)
  }

  silent(): void {}

  child(...options: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#asChild().child(...options)
  }

  #write(level: Level, line: Line): void {
    if (this.#parent.isLevelEnabled(level)) this.#asChild()[level](...(line as [object, string?]))
  }

  #asChild(): FastifyBaseLogger {
    this.#child ??= this.#parent.child({ ...this.#bindings, ...this.#trace() })
    return this.#child
  }

  #trace(): object {
    const trace = traceOf(this.#request)
    return trace ? { traceId: trace.traceId, spanId: trace.parentId } : {}
  }
}
