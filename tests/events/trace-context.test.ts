import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  childOf,
  formatTraceparent,
  parseTraceparent,
  traceparentsOf,
} from '../../src/events/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'
const right = `00-${traceId}-${parentId}-01`

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const id = (length: number) => hex(length).filter((digits) => !/^0+$/.test(digits))
const anyTrace = fc.record({ traceId: id(32), parentId: id(16), sampled: fc.boolean() })

describe('a traceparent', () => {
  it.each([
    ['sampled', right, true],
    ['not sampled', `00-${traceId}-${parentId}-00`, false],
    ['with flags that are not known', `00-${traceId}-${parentId}-fe`, false],
    ['with these and sampled', `00-${traceId}-${parentId}-ff`, true],
    ['of a later version', `01-${traceId}-${parentId}-01`, true],
    [
      'of a later version with more to say',
      `cc-${traceId}-${parentId}-01-what.the-future.will-be.like`,
      true,
    ],
    ['of a later version that ends in a dash', `cc-${traceId}-${parentId}-00-`, false],
  ])('%s is read', (_, text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId, parentId, sampled })
  })

  it.each([
    ['nothing', ''],
    ['no text at all', undefined],
    ['two headers', `${right}, ${right}`],
    ['two headers as a list', [right]],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['a parent id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['the forbidden version', `ff-${traceId}-${parentId}-01`],
    ['version 00 with more to say', `${right}-more`],
    ['version 00 that ends in a dash', `${right}-`],
    ['a later version with more and no dash', `cc-${traceId}-${parentId}-01.more`],
    ['capitals', right.toUpperCase()],
    ['a digit too few', right.slice(0, -1)],
    ['a digit too many', `${right}0`],
    ['a short trace id', `00-${traceId.slice(1)}-${parentId}-01`],
    ['spaces around', ` ${right} `],
    ['a line feed behind', `${right}\n`],
    ['no dashes', right.replaceAll('-', '')],
    ['something else', '00-abc-def-01'],
  ])('that is %s is none', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })

  it('is read as it was written, whatever trace it names', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace)
      }),
    )
  })

  it('never fails, and what it takes it could have written', () => {
    const nearly = fc
      .tuple(hex(2), hex(32), hex(16), hex(2), fc.constantFrom('', '-', '-x', 'x'))
      .map(([version, trace, parent, flags, rest]) => `${version}-${trace}-${parent}-${flags}${rest}`)
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), nearly), (text) => {
        const trace = parseTraceparent(text)
        if (trace) expect(formatTraceparent(trace).slice(2, 53)).toBe(String(text).slice(2, 53))
      }),
    )
  })

  it('has children in the same trace', () => {
    fc.assert(
      fc.property(anyTrace, id(16), (trace, step) => {
        expect(childOf(trace, step)).toEqual({ ...trace, parentId: step })
      }),
    )
  })
})

describe('the traceparents of events', () => {
  const carrying = (...traceparents: readonly (string | undefined)[]) =>
    traceparents.map((traceparent) => ({ metadata: traceparent === undefined ? {} : { traceparent } }))
  const numbered = (n: number, flags: string) => `00-${n.toString(16).padStart(32, '0')}-${parentId}-${flags}`

  it('are told once each, sampled ones first, and nothing of what is none', () => {
    const [quiet, kept] = [numbered(1, '00'), numbered(2, '01')]
    expect(traceparentsOf(carrying(quiet, undefined, 'nonsense', kept, quiet, kept))).toEqual([kept, quiet])
    expect(traceparentsOf(carrying(undefined))).toEqual([])
  })

  it('are twenty at most, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.nat({ max: 60 }).map((n) => n + 1),
          { maxLength: 200 },
        ),
        (numbers) => {
          const all = numbers.map((n) => numbered(n, n % 3 === 0 ? '01' : '00'))
          const told = traceparentsOf(carrying(...all))
          expect(told).toHaveLength(Math.min(20, new Set(all).size))
          const sampled = new Set(all.filter((text) => text.endsWith('01'))).size
          expect(told.filter((text) => text.endsWith('01'))).toHaveLength(Math.min(20, sampled))
        },
      ),
    )
  })
})
