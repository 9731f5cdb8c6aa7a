import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { CommandContext } from '../commands/handler.ts'
import { childOf, formatTraceparent, parseTraceparent, type TraceContext } from '../events/trace-context.ts'

/** So that a request's log lines and its events name the same step of the trace. */
const steps = new WeakMap<IncomingMessage, TraceContext>()

/**
 * The trace that a request belongs to, with a parent id of our own for what we do about it.
 * @returns undefined if it brings no valid `traceparent`: none is made up
 */
export function traceOf(request: IncomingMessage): TraceContext | undefined {
  const { traceparent } = request.headers
  if (traceparent === undefined) return undefined
  const known = steps.get(request)
  if (known) return known
  const caller = parseTraceparent(traceparent)
  if (!caller) return undefined
  const step = childOf(caller, randomBytes(8).toString('hex'))
  steps.set(request, step)
  return step
}

/** What command handlers are given for one request: its events carry its trace. `tracestate` goes no further. */
export function traced<Context extends CommandContext>(commands: Context, { raw }: FastifyRequest): Context {
  const trace = traceOf(raw)
  return trace ? { ...commands, metadata: { traceparent: formatTraceparent(trace) } } : commands
}
