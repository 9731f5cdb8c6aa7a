/** Whatever a poll's author has written: no file runs as a formula, none falls apart, and each is imported again. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openBallotFile } from '../../../src/cli/import/open-ballot-file.ts'
import { PollDefinition } from '../../../src/events/poll-events.ts'
import type { SubmissionRow } from '../../../src/projections/submission-rows.ts'
import { csvHeader, encodeCsv } from '../../../src/queries/exports/csv.ts'
import type { Encoder } from '../../../src/queries/exports/encoder.ts'
import { encodePb } from '../../../src/queries/exports/pb.ts'
import { withFile } from './files.ts'

const FORMULA = /^[=+\-@\t\r＝＋－＠]/

const row: SubmissionRow = {
  position: 12n,
  pseudonym: '0123456789abcdef0123456789abcdef',
  submittedAt: '2026-01-02T03:04:05.678Z',
  changedAt: '2026-01-03T00:00:00.000Z',
  shares: [1234, 0, 8766],
}
const other: SubmissionRow = { ...row, position: 13n, pseudonym: 'f'.repeat(32), shares: [0, 10_000, 0] }

async function* rows() {
  yield [row]
  yield [other]
}

async function encoded(encode: Encoder, definition: PollDefinition): Promise<Buffer> {
  const moment = { definition, position: 13n, asOf: '2026-01-03T00:00:00.000Z' }
  return Buffer.concat(await Array.fromAsync(encode(moment, rows())))
}

/** Everything that a poll file may hold, and what breaks files or runs in them more often. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '""', ';', ',', "'", '=', '+', '-', '@', '＝', ' ', 'VOTES', 'META', '=1+1', '|'),
      fc.constantFrom('\u2028', '\ufeff', '\u00a0', 'ż', '😀', '\\', '/'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))

const id = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/)
const ids = fc.uniqueArray(
  fc.oneof(id, fc.constantFrom('position', 'pseudonym', 'votes', 'meta', 'projects')),
  {
    minLength: 3,
    maxLength: 3,
  },
)

const polls = fc
  .record({ title: text, ids, labels: fc.array(text, { minLength: 3, maxLength: 3 }) })
  .map(({ title, ids, labels }) => ({
    poll: 'hostile',
    title,
    step: 1,
    categories: ids.map((id, index) => ({ id, label: labels[index], description: '', colour: '#445566' })),
    baselines: [],
  }))
  .filter((definition) => PollDefinition.safeParse(definition).success)
  .map((definition) => PollDefinition.parse(definition))

const options = { normalise: false, now: () => new Date('2026-06-01T00:00:00.000Z') }

async function imported(name: string, bytes: Buffer) {
  return await withFile(name, bytes, async (path) => {
    const { file } = await openBallotFile(path, options)
    return { file, ballots: await Array.fromAsync(file.rows()) }
  })
}

const expected = [row, other].map(({ pseudonym, shares }) => ({ voter: pseudonym, shares }))

describe('CSV', () => {
  test('given any poll, holds no formula, has as many fields on every line, and is imported again', () =>
    fc.assert(
      fc.asyncProperty(polls, async (definition) => {
        const bytes = await encoded(encodeCsv, definition)
        const records: string[][] = parse(bytes)
        expect(records.map(({ length }) => length)).toEqual([7, 7, 7])
        for (const cell of records.flat()) expect(cell).not.toMatch(FORMULA)
        const { file, ballots } = await imported('x.csv', bytes)
        expect(file.categories.map((category) => category.id)).toEqual(
          definition.categories.map((category) => category.id),
        )
        expect(ballots).toMatchObject(expected.map((ballot) => ({ ballot })))
      }),
      { numRuns: 200 },
    ))

  test('given names that begin like formulas, guards them', () => {
    for (const id of ['=cmd|1', '+1', '-1', '@a', '\ta', '\ra', '＝1']) {
      const [header] = parse(csvHeader([{ id }])) as string[][]
      expect(header!.at(-1)).toBe(`'${id}`)
    }
  })

  test('given a submission, writes percent exactly', async () => {
    const definition = PollDefinition.parse({
      poll: 'p',
      title: 'P',
      step: 1,
      categories: ['a', 'position', 'c'].map((id) => ({ id, label: id, description: '', colour: '#445566' })),
      baselines: [],
    })
    expect((await encoded(encodeCsv, definition)).toString()).toBe(
      'pseudonym,submitted_at,changed_at,position,a,position_,c\r\n' +
        '0123456789abcdef0123456789abcdef,2026-01-02T03:04:05.678Z,2026-01-03T00:00:00.000Z,12,12.34,0,87.66\r\n' +
        `${'f'.repeat(32)},2026-01-02T03:04:05.678Z,2026-01-03T00:00:00.000Z,13,0,100,0\r\n`,
    )
  })
})

describe('Pabulib', () => {
  const summary = { rows: 2, firstSubmittedAt: row.submittedAt, lastSubmittedAt: row.changedAt }

  test('given any poll, holds no formula, and is imported again with the poll’s categories', () =>
    fc.assert(
      fc.asyncProperty(polls, async (definition) => {
        const bytes = await encoded(encodePb(summary), definition)
        const records: string[][] = parse(bytes, { delimiter: ';', relax_column_count: true })
        for (const cell of records.flat()) expect(cell).not.toMatch(FORMULA)
        // Many readers take any line that begins so for the beginning of a section.
        const sections = records.filter(([first]) => /^(meta|projects|votes)$/i.test(first!))
        expect(sections).toEqual([['META'], ['PROJECTS'], ['VOTES']])
        const { file, ballots } = await imported('x.pb', bytes)
        expect(file.rejected).toEqual([])
        expect(file.announced).toBe(2)
        expect(file.categories.map((category) => category.id)).toEqual(
          definition.categories.map((category) => category.id),
        )
        // One that is blank is told by the project's id.
        for (const [index, { label }] of definition.categories.entries())
          if (!FORMULA.test(label) && label.trim() !== '')
            expect(file.categories[index]!.label).toBe(label.trim())
        expect(ballots).toMatchObject(expected.map((ballot) => ({ ballot })))
      }),
      { numRuns: 200 },
    ))

  test('given a poll, is what Pabulib describes', async () => {
    const definition = PollDefinition.parse({
      poll: 'p',
      title: 'What; "then"?',
      currency: 'USD',
      step: 1,
      categories: ['a', 'b', 'c'].map((id) => ({
        id,
        label: `${id}; x`,
        description: '',
        colour: '#445566',
      })),
      baselines: [],
    })
    expect((await encoded(encodePb(summary), definition)).toString().split('\n')).toEqual([
      'META',
      'key;value',
      'description;"What; ""then""?"',
      'country;Worldwide',
      'unit;taxbudget',
      'instance;p',
      'num_projects;3',
      'num_votes;2',
      'budget;10000',
      'vote_type;cumulative',
      'rule;unknown',
      'date_begin;02.01.2026',
      'date_end;03.01.2026',
      'min_length;1',
      'max_length;3',
      'min_sum_points;10000',
      'max_sum_points;10000',
      'currency;USD',
      'comment;taxbudget poll=p position=13 as_of=2026-01-03T00:00:00.000Z',
      'PROJECTS',
      'project_id;cost;name',
      'a;10000;"a; x"',
      'b;10000;"b; x"',
      'c;10000;"c; x"',
      'VOTES',
      'voter_id;vote;points',
      '0123456789abcdef0123456789abcdef;a,c;1234,8766',
      `${'f'.repeat(32)};b;10000`,
      '',
    ])
  })
})
