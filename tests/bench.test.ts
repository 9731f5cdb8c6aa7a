import { describe, expect, it } from 'vitest'
import { check, compare, judge, type Side, summarise } from '../bench/harness.ts'
import { figuresTable } from '../bench/report.ts'

const figure = { what: 'tea ÷ coffee', target: { atLeast: 2 }, unit: '' }

/** A side that measures what it is told, and writes down its turn. */
function scripted(name: string, values: readonly number[], turns: string[]): Side {
  let next = 0
  return {
    name,
    unit: 'cups/s',
    run: async () => {
      turns.push(name)
      return values[next++]!
    },
  }
}

describe('a figure', () => {
  it('is the median quotient of pairs measured in turns, the first pair left out', async () => {
    const turns: string[] = []
    const sides = [scripted('tea', [1, 8, 9, 40], turns), scripted('coffee', [9, 4, 3, 4], turns)] as const
    const measured = await compare(figure, sides, 3)
    expect(turns.join(' ')).toBe('tea coffee tea coffee tea coffee tea coffee')
    expect(measured).toMatchObject({ median: 3, min: 2, max: 10, rounds: 3, met: true })
    expect(measured.sides.map(({ median }) => median)).toEqual([9, 4])
  })

  it.each([
    [{ atLeast: 2 }, [1.9, 1.9, 5], false],
    [{ atLeast: 2 }, [2], true],
    [{ atMost: 2 }, [1, 2.1], true],
    [{ atMost: 2 }, [2.1], false],
  ])('is held to %j with the median of %j: %j', (target, values, met) => {
    expect(judge({ ...figure, target }, values).met).toBe(met)
  })

  it('needs a measurement', () => {
    expect(() => summarise({ name: 'tea', unit: '' }, [])).toThrow(RangeError)
  })

  it('is none if what was measured is not right', () => {
    expect(() => check(false, 'the tea is cold')).toThrow('not measured, because the tea is cold')
  })

  it('stands in the table beside its target and what it is made of', () => {
    const sides = [{ name: 'tea', unit: 'cups/s', median: 12_345, min: 1, max: 2 }]
    const text = figuresTable([judge(figure, [1.2345, 1.2345], sides)])
    expect(text.split('\n')[1]).toMatch(/^tea ÷ coffee +1\.23 +1\.23–1\.23 +≥ 2 +missed +tea 12,300 cups\/s$/)
  })
})
