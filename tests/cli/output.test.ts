import { describe, expect, test } from 'vitest'
import { toCsv } from '../../src/cli/csv.ts'
import { describe as describeProgress, duration } from '../../src/cli/progress.ts'
import { table } from '../../src/cli/table.ts'

describe('CSV', () => {
  test('given texts with commas, quotes and line ends, when written, then they are quoted', () => {
    expect(toCsv([['a,b', 'say "no"', 'two\nlines', 1.5, null]])).toBe('"a,b","say ""no""","two\nlines",1.5,')
  })

  test.each(['=1+1', '+1', '-1', '@sum'])(
    'given the text %s, when written, then no spreadsheet runs it',
    (text) => {
      expect(toCsv([[text]])).toBe(`'${text}`)
    },
  )

  test('given a negative number, when written, then it stays a number', () => {
    expect(toCsv([[-1]])).toBe('-1')
  })
})

test('given rows, when shown as a table, then columns line up, accents and colours counted as seen', () => {
  const rows = [
    ['Zażółć', '1'],
    ['\u001b[1mb\u001b[22m', '12,345'],
  ]
  expect(table([{ title: 'name' }, { title: 'n', align: 'right' }], rows).split('\n')).toEqual([
    'name         n',
    'Zażółć       1',
    '\u001b[1mb\u001b[22m       12,345',
  ])
})

describe('progress', () => {
  test('given work half done, when described, then it tells count, rate and the time left', () => {
    expect(describeProgress('votes', 0.5, 12_345, 3000)).toBe('12,345 votes, 4,115/s, 3 s left')
  })

  test('given work not begun or done, when described, then no time left is told', () => {
    expect(describeProgress('votes', 0, 0, 0)).toBe('0 votes, 0/s')
    expect(describeProgress('votes', 1, 10, 1000)).toBe('10 votes, 10/s')
    // Too early to tell.
    expect(describeProgress('submissions', 0.000005, 1, 1100)).toBe('1 submission, 1/s')
  })

  test.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [90, '1 min 30 s'],
    [7500, '2 h 05 min'],
  ])('given %d seconds, when told, then it reads %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })
})
