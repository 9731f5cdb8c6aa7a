import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { largestRemainder } from '../src/cli/import/largest-remainder.ts'
import { PollDefinition } from '../src/events/poll-events.ts'
import { filesBelow, root } from './project-files.ts'

const files = filesBelow('polls', '.json').filter(({ path }) => !/\.[a-z]{2}\.json$/.test(path))

test.each(files)('$path is a poll, named as its file, with nothing that is not read', ({ path, source }) => {
  const poll = PollDefinition.parse(JSON.parse(source))
  expect(`polls/${poll.poll}.json`).toBe(path)
  expect(poll).toEqual(JSON.parse(source))
})

describe('us-federal', () => {
  const poll = PollDefinition.parse(
    JSON.parse(files.find(({ path }) => path.endsWith('us-federal.json'))!.source),
  )
  const csv = join(root, '..', 'shared', 'data', 'us-outlays.csv')
  if (!existsSync(csv))
    throw new Error(`The real data is missing: put the folder "shared" beside the project (${csv}).`)
  const outlays = parse<Record<string, string>>(readFileSync(csv, 'utf8'), { columns: true })

  /** Which functions of the federal budget make which category; `other` is the rest. */
  const functions: Readonly<Record<string, readonly string[]>> = {
    health: ['550', '570'],
    education: ['500'],
    defense: ['050', '700'],
    infrastructure: ['400'],
    'social-security': ['650'],
    environment: ['270', '300'],
    science: ['250'],
    'public-safety': ['750'],
    housing: ['450'],
  }
  /** Subfunction 604, housing assistance: a part of 600, so not a line of its own. */
  const housingAssistance: Readonly<Record<string, number>> = { fy2024: 70_008, fy2025: 77_989 }

  test('asks about the ten categories of the form', () => {
    expect(poll.categories.map(({ label }) => label)).toEqual([
      'Healthcare',
      'Education',
      'Defense & Military',
      'Infrastructure',
      'Social Security',
      'Environment',
      'Science & Research',
      'Public Safety',
      'Housing & Community',
      'Other',
    ])
    expect(new Set(poll.categories.map(({ colour }) => colour)).size).toBe(10)
  })

  test('compares with both years', () => {
    expect(poll.baselines.map(({ id }) => id)).toEqual(['fy2025', 'fy2024'])
  })

  test.each(['fy2025', 'fy2024'])('has the actual budget of %s, by largest remainder', (year) => {
    const millions = (code: string) =>
      Number(outlays.find((row) => row.function_code === code)![`${year}_usd_millions`])
    const named = Object.entries(functions).map(([id, codes]) => {
      const extra = id === 'housing' ? housingAssistance[year]! : 0
      return [id, codes.reduce((sum, code) => sum + millions(code), extra)] as const
    })
    const rest = millions('total') - named.reduce((sum, [, amount]) => sum + amount, 0)
    const weights = new Map([...named, ['other', rest] as const])
    const ids = poll.categories.map(({ id }) => id)
    const shares = largestRemainder(
      ids.map((id) => weights.get(id)!),
      10_000,
    )
    const baseline = poll.baselines.find(({ id }) => id === year)!
    expect(baseline.shares).toEqual(Object.fromEntries(ids.map((id, i) => [id, shares[i]!])))
    expect(baseline.source).toContain(millions('total').toLocaleString('en-US'))
  })
})
