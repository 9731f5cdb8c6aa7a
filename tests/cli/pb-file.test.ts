import { describe, expect, test } from 'vitest'
import { FIRST_VOTE, NOW, openPb, pbWith, refusal, rowsOf } from './ballot-files.ts'

describe('votes of a Pabulib file', () => {
  test('given points for projects, when read, then they are added up by category as basis points', async () => {
    const file = await openPb(pbWith('v1;A,B,C;20,30,50', 'v2;C;100'))
    expect(file.categories).toEqual([
      { id: 'green', label: 'green' },
      { id: 'sport', label: 'sport' },
    ])
    expect(await rowsOf(file)).toEqual(['v1: 5000 5000', 'v2: 0 10000'])
  })

  test.each([
    ['v1;A;99', 'gives 99 points in all instead of 100'],
    ['v1;A,B;60,50', 'gives 110 points in all instead of 100'],
    ['v1;A,B;100', 'names 2 projects but gives 1 points'],
    ['v1;A;50,50', 'names 1 projects but gives 2 points'],
    ['v1;A,X;50,50', 'names X, which is not among the projects'],
    ['v1;A,B,A;50,25,25', 'names a project twice'],
    ['v1;A,B;100,0', 'gives "0" points: write a whole number above 0'],
    ['v1;A,B;150,-50', 'gives "-50" points: write a whole number above 0'],
    ['v1;A,B;99.5,0.5', 'gives "99.5" points: write a whole number above 0'],
    ['v1;A,B;1e2,0', 'gives "1e2" points: write a whole number above 0'],
    ['v1;A;9999999999', 'gives "9999999999" points: write a whole number above 0'],
    ['v1;A;', 'names 1 projects but gives 0 points'],
    ['v1;;', 'names no project'],
    [';A;100', 'has no voter_id'],
    ['v1;A', 'has 2 fields where the columns are 3'],
    ['v1;A;100;extra', 'has 4 fields where the columns are 3'],
    ['v1;"A;100', 'has a quote that is never closed'],
  ])('given the bad vote %s, when read, then its line is told and the rest is kept', async (bad, reason) => {
    const file = await openPb(pbWith('v0;A;100', bad, 'v2;C;100'))
    expect(await rowsOf(file)).toEqual(['v0: 10000 0', `line ${FIRST_VOTE + 1}: ${reason}`, 'v2: 0 10000'])
  })

  test('given votes that do not use all points, when normalised, then they are scaled; bad ones stay bad', async () => {
    const votes = pbWith('v1;A,C;1,2', 'v2;A,X;1,1', 'v3;A;0', 'v4;C;7')
    expect(await rowsOf(await openPb(votes, { normalise: true }))).toEqual([
      'v1: 3333 6667',
      `line ${FIRST_VOTE + 1}: names X, which is not among the projects`,
      `line ${FIRST_VOTE + 2}: gives "0" points: write a whole number above 0`,
      'v4: 0 10000',
    ])
  })

  test('given CRLF, a byte order mark, blank lines and quoted fields, when read, then nothing changes', async () => {
    const plain = pbWith('v1;A,C;40,60', 'v2;"A,B";"50,50"')
    const dressed = `\uFEFF\r\n\r\n${plain.replaceAll('\n', '\r\n')}\r\n\r\n`
    expect(await rowsOf(await openPb(dressed))).toEqual(['v1: 4000 6000', 'v2: 10000 0'])
  })

  test('given a line in another encoding, when read, then only that line is rejected', async () => {
    const latin1 = Buffer.concat([
      Buffer.from(`${pbWith('v1;A;100')}\nv2;A;100;`),
      Buffer.from([0xe9, 0x0a]),
      Buffer.from('v3;C;100'),
    ])
    expect(await rowsOf(await openPb(latin1))).toEqual([
      'v1: 10000 0',
      `line ${FIRST_VOTE + 1}: is not UTF-8: save the file as UTF-8`,
      'v3: 0 10000',
    ])
  })

  test('given spreadsheet padding of empty fields, when read, then it is ignored', async () => {
    const padded = pbWith('v1;A;100')
      .split('\n')
      .map((line) => `${line};;`)
    expect(await rowsOf(await openPb(padded.join('\n')))).toEqual(['v1: 10000 0'])
  })
})

describe('the head of a Pabulib file', () => {
  const replaced = (from: string, to: string) => pbWith('v1;A,C;50,50').replace(from, to)

  test('given META, when read, then title and opening day come from it', async () => {
    const file = await openPb(replaced('vote_type', 'currency;PLN\nvote_type'))
    expect(file).toMatchObject({ title: 'A small budget', currency: 'PLN', rejected: [] })
    expect(await file.opensAt()).toBe('2022-09-10T00:00:00.000Z')
  })

  test.each([
    ['2022-09-10', '2022-09-10T00:00:00.000Z'],
    ['2022', '2022-01-01T00:00:00.000Z'],
    ['31.02.2022', NOW.toISOString()],
    ['soon', NOW.toISOString()],
  ])('given date_begin %s, when read, then votes count from %s', async (date, expected) => {
    const file = await openPb(replaced('10.09.2022', date))
    expect(await file.opensAt()).toBe(expected)
    expect(await Array.fromAsync(file.rows())).toMatchObject([{ ballot: { occurredAt: expected } }])
  })

  test('given projects without a category, when read, then they are Uncategorised, in the order named', async () => {
    const file = await openPb(replaced('Benches;green', 'Benches;'))
    expect(file.categories.map(({ label }) => label)).toEqual(['green', 'Uncategorised', 'sport'])
  })

  test('given no category column, when read, then each project is a category', async () => {
    const text = pbWith('v1;B/2,C;50,50')
      .replace('cost;name;category', 'cost;name')
      .replace('A;1;Trees;green', 'A;1;Trees')
      .replace('B;1;Benches;green', 'B/2;1;Benches')
      .replace('C;1;Courts;sport', 'C;1;')
    const file = await openPb(text)
    expect(file.categories).toEqual([
      { id: 'a', label: 'Trees' },
      { id: 'b-2', label: 'Benches' },
      { id: 'c', label: 'C' },
    ])
    expect(await rowsOf(file)).toEqual(['v1: 0 5000 5000'])
  })

  test('given a description with quotes and line ends, when read, then it is one project', async () => {
    const file = await openPb(replaced('A;1;Trees;green', 'A;1;"Trees; ""many""\nof them";green'))
    expect(file.rejected).toEqual([])
    expect(await rowsOf(file)).toEqual(['v1: 5000 5000'])
  })

  test('given bad project and META lines, when read, then each is told by its number and the rest is kept', async () => {
    const file = await openPb(
      replaced(
        'A;1;Trees;green',
        'A;1;Trees;green\nA;2;Again;green\n;1;Nameless;green\nD;1\nE;1;"Open;green',
      ).replace('key;value', 'key;value\nnonsense'),
    )
    expect(file.rejected).toEqual([
      { line: 3, reason: 'is not a key and a value' },
      { line: 11, reason: 'names project A a second time' },
      { line: 12, reason: 'has no project_id' },
      { line: 13, reason: 'has 2 fields where the columns are 4' },
      { line: 14, reason: 'has a quote that is never closed' },
    ])
    expect(await rowsOf(file)).toEqual(['v1: 5000 5000'])
  })

  test.each([
    ['vote_type;cumulative', 'vote_type;approval', /votes of the type approval: only cumulative/],
    ['vote_type;cumulative\n', '', /no vote_type in META: only cumulative/],
    ['max_sum_points;100\n', '', /max_sum_points is missing.*--normalise/],
    ['max_sum_points;100', 'max_sum_points;many', /max_sum_points is "many"/],
    ['META', 'META-DATA', /no META section/],
    ['PROJECTS', 'PLANS', /no PROJECTS section/],
    ['VOTES', 'BALLOTS', /no VOTES section/],
    ['voter_id;vote;points', 'voter_id;vote', /Line 13: VOTES has no column points/],
    ['project_id;cost', 'id;cost', /Line 8: PROJECTS has no column project_id/],
  ])('given %s replaced by %s, when opened, then the file is refused', async (from, to, message) => {
    expect(await refusal(openPb(replaced(from, to)))).toMatch(message)
  })
})
