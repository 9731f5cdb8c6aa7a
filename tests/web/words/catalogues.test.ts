/** Both catalogues together: what one says the other says, too. */
import { describe, expect, test } from 'vitest'
import { formatFor } from '../../../src/web/words/format.ts'
import { languages } from '../../../src/web/words/languages.ts'
import { wordsIn } from '../../../src/web/words/words.ts'

type Leaf = readonly [path: string, value: string | ((...values: never[]) => unknown)]

/** Every string and function of a catalogue, with the keys that lead there. */
const leavesOf = (value: unknown, path = ''): Leaf[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`))
    : [[path, value as Leaf[1]]]

const catalogues = Object.fromEntries(languages.map((language) => [language, leavesOf(wordsIn(language))]))
const [model, ...others] = languages
/** Sentences with something marked in them may be marked at another place. */
const isMarked = (path: string) => /\.(caveat|collectiveText)\.\d/.test(path)
const pathsIn = (language: string) =>
  catalogues[language]!.map(([path]) => path).filter((path) => !isMarked(path))

test('there is something to compare', () => {
  expect(pathsIn(model).length).toBeGreaterThan(200)
  expect(others).not.toEqual([])
})

describe.each(others)('%s', (language) => {
  test('has the words of the model, and no others', () => {
    expect(pathsIn(language).sort()).toEqual(pathsIn(model).sort())
  })

  test('takes the same parameters', () => {
    const arities = (leaves: readonly Leaf[]) =>
      leaves.flatMap(([path, value]) => (typeof value === 'function' ? [[path, value.length] as const] : []))
    expect(Object.fromEntries(arities(catalogues[language]!))).toEqual(
      Object.fromEntries(arities(catalogues[model]!)),
    )
  })

  test('gives scripts the same places for values', () => {
    const placesIn = (leaves: readonly Leaf[]) =>
      Object.fromEntries(
        leaves
          .filter(([path]) => path.includes('.script.') && !path.endsWith('.one'))
          .map(([path, text]) => [
            path,
            String(text)
              .match(/\{\w+\}/g)
              ?.sort(),
          ]),
      )
    expect(Object.keys(placesIn(catalogues[model]!)).length).toBeGreaterThan(3)
    expect(placesIn(catalogues[language]!)).toEqual(placesIn(catalogues[model]!))
  })
})

describe.each(languages)('%s', (language) => {
  const texts = catalogues[language]!.filter((leaf): leaf is [string, string] => typeof leaf[1] === 'string')

  test('has no empty value', () => {
    expect(texts.filter(([path, text]) => text.trim() === '' && !isMarked(path))).toEqual([])
  })

  test('keeps a number and its percent sign together', () => {
    expect(texts.filter(([, text]) => /\d ?%/.test(text))).toEqual([])
  })
})

test('Spanish is set as Spanish is', () => {
  const source = (value: Leaf[1]) => (typeof value === 'function' ? value.toString() : value)
  const wrong = catalogues.es!.filter(([, value]) => {
    const text = source(value)
    const straight = typeof value === 'string' ? /["'“”‘’]/.test(text) : /[“”‘’]/.test(text)
    const opened = (mark: string, opening: string) =>
      typeof value === 'string' && text.includes(mark) && !text.includes(opening)
    return straight || opened('?', '¿') || opened('!', '¡') || opened('»', '«')
  })
  expect(wrong).toEqual([])
})

describe('numbers and times', () => {
  const [en, es] = [formatFor('en'), formatFor('es')]
  const written = (format: typeof en) => [
    format.percent(2550),
    format.percent1(2500),
    format.points(-1234),
    format.points(3),
    format.count(1_234_567),
    format.entry(1250),
    format.range(500, 1250),
    format.part(0.256),
    format.dateTime('2026-11-23T10:00:00.000Z'),
    format.bucketStart('month', '2026-03-01T00:00:00-05:00'),
    format.bucketStart('hour', '2026-03-08T04:00:00-05:00'),
    format.bucketTick('hour', '2026-03-08T04:00:00-05:00'),
    format.anyOf(['A', 'B', 'C']).join(''),
    format.counted(1, { one: 'x', other: 'y' }),
    format.counted(1_000_000, { one: 'x', other: 'y' }),
  ]

  test('are written as in English', () => {
    expect(written(en).map((text) => text.replaceAll('\u00a0', '~'))).toEqual([
      ...['25.5~%', '25.0~%', '−12.3', '0.0', '1,234,567', '12.5', '5–12.5~%', '26~%'],
      ...['Nov 23, 2026, 10:00 UTC', 'Mar 2026', 'Mar 8, 2026, 04:00~−05:00', 'Mar 8, 04:00'],
      ...['A, B, or C', '1~x', '1,000,000~y'],
    ])
  })

  test('are written as in Spanish', () => {
    expect(written(es).map((text) => text.replaceAll('\u00a0', '~'))).toEqual([
      ...['25,5~%', '25,0~%', '−12,3', '0,0', '1.234.567', '12,5', '5–12,5~%', '26~%'],
      ...['23 nov 2026, 10:00 UTC', 'mar 2026', '8 mar 2026, 04:00~−05:00', '8 mar, 04:00'],
      ...['A, B o C', '1~x', '1.000.000~y'],
    ])
  })
})
