import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ResultsView } from '../../src/queries/results-view.ts'

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data')

interface ExpectedCategory {
  readonly category: string
  readonly sum: number
  readonly mean: number
  readonly median: number
  readonly p10: number
  readonly p25: number
  readonly p75: number
  readonly p90: number
  readonly stddev: number
  readonly zeros: number
  readonly truthful: number
}

export interface Expected {
  readonly n: number
  readonly t: string
  readonly categories: readonly ExpectedCategory[]
  readonly rejected: number
}

/** One real file and what must come out, from a program that shares no code with this one. */
export interface RealFile {
  /** The name of the poll that it is imported into. */
  readonly poll: string
  readonly path: string
  readonly normalise: boolean
  readonly expected: Expected
}

/** Path of a file of real ballots. */
export const realPath = (name: string): string => join(folder, name)

/** Every file of real ballots, the Pabulib ones both as they are and normalised. */
export async function realFiles(): Promise<RealFile[]> {
  if (!existsSync(folder))
    throw new Error(`The real ballots are missing: they belong in ${folder}, beside the project.`)
  const names = await readdir(join(folder, 'expected'))
  return await Promise.all(names.sort().map(readExpected))
}

/** `Poland_Katowice_2022.strict.json` tells what must come out of `Poland_Katowice_2022.pb`. */
async function readExpected(name: string): Promise<RealFile> {
  const [base = '', mode] = name.replace(/\.json$/, '').split('.')
  return {
    poll: [base, mode ?? 'csv'].join('-').toLowerCase().replaceAll('_', '-'),
    path: join(folder, `${base}.${mode === undefined ? 'csv' : 'pb'}`),
    normalise: mode === 'normalised',
    expected: JSON.parse(await readFile(join(folder, 'expected', name), 'utf8')),
  }
}

const exact = ['sum', 'median', 'p10', 'p25', 'p75', 'p90', 'zeros'] as const
const near = ['mean', 'stddev', 'truthful'] as const

/** Counts, sums, quantiles and zeros to the last digit; means, deviations and truthful shares to a millionth. */
export function expectResults(view: ResultsView, { n, t, categories }: Expected): void {
  expect(view.submissions).toEqual({ counted: n, excluded: 0, withdrawn: 0 })
  expect(view.truthful.t).toBe(t)
  expect(view.categories.map(({ label }) => label)).toEqual(categories.map(({ category }) => category))
  for (const [index, expected] of categories.entries()) {
    const actual = view.categories[index]!
    for (const name of exact)
      expect([expected.category, name, actual[name]]).toEqual([expected.category, name, expected[name]])
    for (const name of near)
      expect(Math.abs(actual[name]! - expected[name]), `${expected.category}: ${name}`).toBeLessThan(1e-6)
    expect(actual.histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(n)
  }
}
