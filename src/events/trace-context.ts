/** W3C Trace Context, level 1: the one header that tells which trace a request belongs to, kept with its events. */
import type { RecordedEvent } from './event-log.ts'

export interface TraceContext {
  /** 32 hexadecimal digits, the same everywhere that a request leads to. */
  readonly traceId: string
  /** 16 hexadecimal digits: the step of the trace that led here. */
  readonly parentId: string
  /** Whether somebody keeps this trace. */
  readonly sampled: boolean
}

const FORMAT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const SAMPLED = 0x01

/**
 * Reads a `traceparent`. One of a later version is read as far as this version goes, as the specification has it.
 * @param text anything at all
 * @returns undefined unless it is exactly right
 */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  const parts = typeof text === 'string' ? FORMAT.exec(text) : null
  if (!parts) return undefined
  const [, version, traceId, parentId, flags, more] = parts as unknown as readonly string[]
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId!) || /^0+$/.test(parentId!)) return undefined
  return { traceId: traceId!, parentId: parentId!, sampled: (Number.parseInt(flags!, 16) & SAMPLED) !== 0 }
}

/** As version 00 writes it. Flags that it does not know are left out. */
export const formatTraceparent = ({ traceId, parentId, sampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`

/** The next step of the same trace. @param parentId a random one, 16 hexadecimal digits */
export const childOf = (trace: TraceContext, parentId: string): TraceContext => ({ ...trace, parentId })

/** Thousands of events may go together: what is told of their traces stays short. */
const MAX_TRACES = 20

/** The traceparents that events carry, each once, in log order, those that somebody keeps first; at most twenty. */
export function traceparentsOf(events: readonly Pick<RecordedEvent, 'metadata'>[]): string[] {
  const sampled = new Set<string>()
  const others = new Set<string>()
  for (const { metadata } of events) {
    const { traceparent } = metadata
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (trace) (trace.sampled ? sampled : others).add(formatTraceparent(trace))
    if (sampled.size === MAX_TRACES) break
  }
  return [...sampled, ...others].slice(0, MAX_TRACES)
}
