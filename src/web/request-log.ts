import type { FastifyBaseLogger } from 'fastify'

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
type Line = readonly [object, string?] | readonly [string]

/** What it needs of pino, which fastify's own type of a logger leaves out. */
interface ParentLog extends FastifyBaseLogger {
  isLevelEnabled(level: Level): boolean
}

/**
 * A request's logger that becomes one when it is first used. Most requests log nothing, and making a pino child for
 * each of them costs more than a tenth of what answering it does.
 */
export const requestLog = (parent: FastifyBaseLogger, bindings: Readonly<Record<string, unknown>>) =>
  // pino's overloads of each level cannot be written as methods of a class.
  new RequestLog(parent as ParentLog, bindings) as unknown as FastifyBaseLogger

class RequestLog {
  readonly #parent: ParentLog
  readonly #bindings: Readonly<Record<string, unknown>>
  #child: FastifyBaseLogger | undefined

  constructor(parent: ParentLog, bindings: Readonly<Record<string, unknown>>) {
    this.#parent = parent
    this.#bindings = bindings
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
    this.#child ??= this.#parent.child(this.#bindings)
    return this.#child
  }
}
