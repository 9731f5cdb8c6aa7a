import { describe, expect, test } from 'vitest'
import { NOW, openCsv, refusal, rowsOf } from './ballot-files.ts'

const HEADER = 'submission,submitted_at,Green & open,Sport'
const csv = (...rows: string[]) => [HEADER, ...rows].join('\n')

describe('a CSV file of submissions', () => {
  test('given a file that was exported, when read, then pseudonyms are the voters, and its other columns are left out', async () => {
    const file = await openCsv(
      'pseudonym,submitted_at,changed_at,position,green,position_x\r\nab12,2026-01-02T03:04:05.678Z,2026-01-03T00:00:00.000Z,17,12.5,87.5\r\n',
    )
    expect(file.categories.map(({ label }) => label)).toEqual(['green', 'position_x'])
    expect(await rowsOf(file)).toEqual(['ab12: 1250 8750'])
  })

  test('given shares in percent, when read, then they are basis points without rounding', async () => {
    const file = await openCsv(csv('s1,2026-01-02T03:04:05Z,12.5,87.5', 's2,2026-01-01T00:00:00Z,0.29,99.71'))
    expect(file.categories).toEqual([
      { id: 'green-open', label: 'Green & open' },
      { id: 'sport', label: 'Sport' },
    ])
    expect(await rowsOf(file)).toEqual(['s1: 1250 8750', 's2: 29 9971'])
    expect(await file.opensAt()).toBe('2026-01-01T00:00:00.000Z')
  })

  test.each([
    ['2026-01-02T03:04:05.678+02:00', '2026-01-02T01:04:05.678Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ])('given submitted_at %s, when read, then it occurred at %s', async (text, occurredAt) => {
    const rows = await Array.fromAsync((await openCsv(csv(`s1,${text},50,50`))).rows())
    expect(rows).toMatchObject([{ ballot: { occurredAt } }])
  })

  test.each([
    ['s1,2026-01-01T00:00:00Z,50,49.99', 'gives 99.99 % in all instead of 100 %'],
    ['s1,2026-01-01T00:00:00Z,50,50.01', 'gives 100.01 % in all instead of 100 %'],
    ['s1,2026-01-01T00:00:00Z,33.333,66.667', /gives "33.333" to Green & open: write percent/],
    ['s1,2026-01-01T00:00:00Z,100,', /gives "" to Sport/],
    ['s1,2026-01-01T00:00:00Z,110,-10', /gives "-10" to Sport/],
    ['s1,2026-01-01T00:00:00Z,1e2,0', /gives "1e2"/],
    ['s1,2026-01-01T00:00:00Z,50 %,50', /gives "50 %"/],
    ['s1,2026-02-30T00:00:00Z,50,50', /has "2026-02-30T00:00:00Z" as submitted_at/],
    ['s1,yesterday,50,50', /has "yesterday" as submitted_at/],
    ['s1,2031-01-01T00:00:00Z,50,50', /was submitted in the future/],
    [',2026-01-01T00:00:00Z,50,50', 'has no submission'],
    ['s1,2026-01-01T00:00:00Z,100', 'has 3 fields where the columns are 4'],
    ['s1,2026-01-01T00:00:00Z,50,25,25', 'has 5 fields where the columns are 4'],
    ['"s1,2026-01-01T00:00:00Z,50,50', 'has a quote that is never closed'],
  ])('given the bad row %s, when read, then its line is told and the rest is kept', async (bad, reason) => {
    const rows = await rowsOf(
      await openCsv(csv('s0,2026-01-01T00:00:00Z,100,0', bad, 's2,2026-01-01T00:00:00Z,0,100')),
    )
    expect(rows).toEqual([
      's0: 10000 0',
      typeof reason === 'string' ? `line 3: ${reason}` : expect.stringMatching(reason),
      's2: 0 10000',
    ])
    expect(rows[1]).toMatch(/^line 3: /)
  })

  test('given quoted names, CRLF, a byte order mark and blank lines, when read, then nothing changes', async () => {
    const text =
      '\uFEFF\r\nsubmission,submitted_at,"Parks, trees","The ""rest"""\r\n\r\n"s,1",2026-01-01T00:00:00Z,"40",60\r\n'
    const file = await openCsv(text)
    expect(file.categories.map(({ label }) => label)).toEqual(['Parks, trees', 'The "rest"'])
    expect(await rowsOf(file)).toEqual(['s,1: 4000 6000'])
  })

  test('given no usable row, when asked when the poll opens, then it is now', async () => {
    expect(await (await openCsv(csv('nonsense'))).opensAt()).toBe(NOW.toISOString())
  })

  test.each([
    ['', /The file is empty/],
    ['submission;submitted_at;A;B', /Line 1: the header must be/],
    ['submitted_at,submission,A,B', /Line 1: the header must be/],
    ['submission,submitted_at', /Line 1: the header must be/],
    ['submission,submitted_at,A,,B', /empty column name/],
    ['submission,submitted_at,A,B,A', /names "A" twice/],
    ['submission,submitted_at,"A,B', /never closed/],
  ])('given the header %j, when opened, then the file is refused', async (header, message) => {
    expect(await refusal(openCsv(header))).toMatch(message)
  })
})
