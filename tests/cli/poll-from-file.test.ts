import { describe, expect, test } from 'vitest'
import { type BallotFile, UnusableFile } from '../../src/cli/import/ballot-file.ts'
import { matchCategories, pollFromFile } from '../../src/cli/import/poll-from-file.ts'
import { openCsv, openPb, pbWith } from './ballot-files.ts'

const header = (...labels: string[]) => openCsv(['submission', 'submitted_at', ...labels].join(','))

const fileWith = (labels: readonly string[]): BallotFile => ({
  title: undefined,
  currency: undefined,
  categories: labels.map((label, index) => ({ id: `c-${index}`, label })),
  rejected: [],
  announced: undefined,
  opensAt: async () => '2026-01-01T00:00:00.000Z',
  rows: async function* () {},
})

describe('a poll opened from a file', () => {
  test('given a Pabulib file, when a poll is made, then it has its title, step 1 and categories in order', async () => {
    const poll = pollFromFile('small', await openPb(pbWith()))
    expect(poll).toMatchObject({
      poll: 'small',
      title: 'A small budget',
      step: 1,
      categories: [
        { id: 'green', label: 'green' },
        { id: 'sport', label: 'sport' },
      ],
    })
    expect(poll.categories[0]!.colour).not.toBe(poll.categories[1]!.colour)
  })

  test('given labels too long for a poll and then alike, when a poll is made, then they are told apart', () => {
    const long = 'x'.repeat(300)
    const { categories } = pollFromFile('long', fileWith([`${long} one`, `${long} two`, 'short']))
    expect(new Set(categories.map(({ label }) => label)).size).toBe(3)
    for (const { label } of categories) expect(label.length).toBeLessThanOrEqual(200)
  })

  test.each([1, 101])('given %i categories, when a poll is made, then it is refused', (count) => {
    const labels = Array.from({ length: count }, (_, index) => `label ${index}`)
    expect(() => pollFromFile('odd', fileWith(labels))).toThrow(
      new UnusableFile(`The file has ${count} categories: a poll has from 2 to 100.`),
    )
  })
})

describe('a file for a poll that exists', () => {
  test('given the same categories in another order, when matched, then ids follow the order of the file', async () => {
    const poll = pollFromFile('p', await header('Parks', 'Roads', 'Rest'))
    expect(matchCategories(await header('Rest', 'Parks', 'Roads'), poll)).toEqual(['rest', 'parks', 'roads'])
  })

  test('given ids instead of labels, when matched, then they are found too', async () => {
    const poll = pollFromFile('p', await header('Parks & lakes', 'Roads'))
    expect(matchCategories(await header('parks-lakes', 'roads'), poll)).toEqual(['parks-lakes', 'roads'])
  })

  test.each([
    [['Parks', 'Trams'], /the poll does not have "Trams"; the file does not have "Roads"/],
    [['Parks'], /the file does not have "Roads"/],
    [['Parks', 'Roads', 'Rest'], /the poll does not have "Rest"/],
    [['Parks', 'parks', 'Roads'], /two of the file are one of the poll/],
  ])('given %j for Parks and Roads, when matched, then it is refused', async (labels, message) => {
    const poll = pollFromFile('p', await header('Parks', 'Roads'))
    const file = await header(...labels)
    expect(() => matchCategories(file, poll)).toThrow(message)
  })
})
