import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { slug, uniqueSlugs } from '../../src/cli/import/slug.ts'
import { CategoryId } from '../../src/events/poll-events.ts'

describe('slugs', () => {
  test.each([
    ['Environment, public health & safety', 'environment-public-health-safety'],
    ['Środowisko – łąka', 'srodowisko-laka'],
    ['M/16/IX', 'm-16-ix'],
    ['Größe ²', 'grosse-2'],
    ['教育', ''],
    ['--', ''],
  ])('given %s, when slugged, then it is "%s"', (text, expected) => {
    expect(slug(text)).toBe(expected)
  })

  test('given texts that are alike as slugs, when made unique, then they are numbered', () => {
    expect(uniqueSlugs(['A b', 'a-b', '教育', 'a b 2', 'A.B'])).toEqual([
      'a-b',
      'a-b-2',
      'category-3',
      'a-b-2-2',
      'a-b-3',
    ])
  })

  test('given any texts, when made unique, then all differ and all are category ids', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 100 }), { maxLength: 30 }), (texts) => {
        const slugs = uniqueSlugs(texts)
        expect(new Set(slugs).size).toBe(texts.length)
        for (const id of slugs) expect(CategoryId.safeParse(id).success).toBe(true)
      }),
    )
  })
})
