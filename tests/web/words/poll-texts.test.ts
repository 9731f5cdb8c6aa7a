import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PollDefinition } from '../../../src/events/poll-events.ts'
import { differences, PollTexts, PollTranslation, readPollTexts } from '../../../src/web/poll-texts.ts'
import { filesBelow } from '../../project-files.ts'

const files = filesBelow('polls', '.json')
const definitionOf = (poll: string): PollDefinition =>
  PollDefinition.parse(JSON.parse(files.find(({ path }) => path === `polls/${poll}.json`)!.source))
const translations = files.flatMap(({ path, source }) => {
  const [, poll, language] = /^polls\/([\w-]+)\.(\w\w)\.json$/.exec(path) ?? []
  return poll ? [{ path, poll, language, texts: PollTranslation.parse(JSON.parse(source)) }] : []
})

test.each(translations)('$path tells all of its poll, and nothing else', ({ poll, texts }) => {
  expect(differences(definitionOf(poll), texts)).toEqual([])
})

test('the default poll speaks Spanish', () => {
  expect(translations.map(({ poll, language }) => `${poll} ${language}`)).toContain('us-federal es')
})

describe('a poll on a page', () => {
  const definition = definitionOf('us-federal')
  const { texts } = translations.find(({ poll }) => poll === 'us-federal')!
  const known = new PollTexts(new Map([['us-federal.es', texts]]))

  test('is in the language of the page if there is a translation; nothing but its texts differs', () => {
    const spanish = known.in('es', definition)
    expect(spanish.lang).toBe('es')
    expect(spanish.definition.title).toBe(texts.title)
    expect(spanish.definition.categories[0]).toEqual({
      ...definition.categories[0],
      ...texts.categories.health,
    })
    expect(spanish.definition.baselines[0]!.shares).toEqual(definition.baselines[0]!.shares)
    expect(known.in('es', definition)).toBe(spanish)
  })

  test('is else in its own language, which the translation tells', () => {
    expect(known.in('en', definition)).toEqual({ definition, lang: 'en' })
  })

  test('without any translation is in a language that nobody knows', () => {
    const other = { ...definition, poll: 'another' }
    expect(known.in('es', other)).toEqual({ definition: other, lang: '' })
  })

  test('of which the translation tells something else is left as it is', () => {
    const { health: _, ...categories } = texts.categories
    const { fy2025 } = texts.baselines
    for (const wrong of [
      { ...texts, categories },
      { ...texts, categories: { ...texts.categories, more: { label: 'x', description: '' } } },
      { ...texts, baselines: { fy2025: fy2025! } },
    ]) {
      expect(differences(definition, wrong)).toHaveLength(1)
      const shown = new PollTexts(new Map([['us-federal.es', wrong]])).in('es', definition)
      expect(shown).toEqual({ definition, lang: '' })
    }
  })
})

describe('a folder of polls', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taxbudget-polls-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('with a file that is no translation is refused by its name', async () => {
    await writeFile(join(folder, 'p.json'), '{}')
    expect(() => readPollTexts(folder)).not.toThrow()
    await writeFile(join(folder, 'p.es.json'), '{"title":"x"}')
    expect(() => readPollTexts(folder)).toThrow(/p\.es\.json is no translation of a poll/)
  })
})
