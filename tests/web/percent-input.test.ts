import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePercent } from '../../src/web/pages/percent-input.ts'

const read = (text: string, step = 1) => {
  const parsed = parsePercent(text, step)
  return 'mistake' in parsed ? parsed.mistake.code : parsed.basisPoints
}

describe('a percentage as people type it', () => {
  test.each([
    ['', 0],
    ['   ', 0],
    ['0', 0],
    ['25', 2500],
    ['25.5', 2550],
    ['25,5', 2550],
    [' 25 % ', 2500],
    ['25\u00a0%', 2500],
    ['２５％', 2500],
    ['025', 2500],
    ['.5', 50],
    ['5.', 500],
    ['+7', 700],
    ['-0', 0],
    ['0.29', 29],
    ['12.500', 1250],
    ['100', 10_000],
    ['100.00', 10_000],
  ])('%j is %d basis points', (text, basisPoints) => {
    expect(read(text)).toBe(basisPoints)
  })

  test.each([
    ['abc', 'not-a-number'],
    ['1e1', 'not-a-number'],
    ['0x10', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['2 5', 'not-a-number'],
    ['1.2.3', 'not-a-number'],
    ['%', 0],
    ['.', 'not-a-number'],
    ['-3', 'negative'],
    ['−3', 'negative'],
    ['-0.001', 'negative'],
    ['100.01', 'too-large'],
    ['100.001', 'too-large'],
    ['9'.repeat(39), 'too-large'],
    ['9'.repeat(10_000), 'not-a-number'],
    ['33.333', 'off-step'],
  ])('%j is refused as %s', (text, code) => {
    expect(read(text)).toBe(code)
  })

  test('given a poll of whole percents, says which one is just below', () => {
    expect(parsePercent('15.5', 100)).toEqual({ mistake: { code: 'off-step', lower: 1500 } })
    expect(read('15', 100)).toBe(1500)
  })

  test('given any share, reads back exactly what it is written as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom('.', ','), (share, point) => {
        const written = (share / 100).toFixed(2).replace('.', point)
        expect(read(written)).toBe(share)
        expect(read(String(share / 100))).toBe(share)
      }),
    )
  })

  test('given anything at all, gives a whole share on the step or says what is wrong', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(1, 50, 100, 500), (text, step) => {
        const parsed = parsePercent(text, step)
        if ('mistake' in parsed) expect(parsed.mistake.code).not.toBe('')
        else expect(parsed.basisPoints % step).toBe(0)
      }),
    )
  })
})
