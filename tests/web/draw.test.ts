/** The layout of preview pictures: whatever is written, it stays within them, and nothing lies on anything else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localeOf } from '../../src/web/locale.ts'
import { draw } from '../../src/web/pages/pictures/draw.ts'
import { type Drawing, fewEnough } from '../../src/web/pages/pictures/drawing.ts'
import { formDrawing } from '../../src/web/pages/pictures/picture-views.ts'
import { Typesetter } from '../../src/web/pages/pictures/typesetter.ts'
import { longTitle, pollOf } from './poll-of.ts'

const typesetter = new Typesetter()

interface Box {
  readonly what: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const attribute = (tag: string, name: string): number =>
  Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)![1])
const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** Where every text of a picture is. */
const textsIn = (svg: string): Box[] =>
  [...svg.matchAll(/(<text [^>]*>)([^<]*)<\/text>/g)].map(([, tag, escaped]) => {
    const what = plain(escaped!)
    const [x, y, size] = ['x', 'y', 'font-size'].map((name) => attribute(tag!, name)) as [
      number,
      number,
      number,
    ]
    const width = typesetter.width(what, size, tag!.includes('font-weight="700"') ? 'bold' : 'regular')
    const left = tag!.includes('text-anchor="end"') ? x - width : x
    return { what, left, right: left + width, top: y - size * 0.7, bottom: y + size * 0.2 }
  })

const apart = (a: Box, b: Box): boolean =>
  a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top

const isWithin = ({ left, right, top, bottom }: Box): boolean =>
  left >= 63.9 && right <= 1136.1 && top >= 40 && bottom <= 600

function expectInPlace(svg: string): void {
  const texts = textsIn(svg)
  const outside = texts.filter((text) => !isWithin(text))
  const touching = texts.flatMap((text, index) =>
    texts.slice(index + 1).flatMap((other) => (apart(text, other) ? [] : [[text.what, other.what]])),
  )
  expect({ outside, touching }).toEqual({ outside: [], touching: [] })
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200, size: 'max' }),
  fc.string({ unit: fc.constantFrom('W', ' ', 'i', 'ñ', '&', '<', 'Ж', '…'), maxLength: 200, size: 'max' }),
)
const anyRow = fc.record({
  label: anyText,
  colour: fc.constant('#2b6cb0'),
  value: fc.nat(10_000),
  text: fc.constantFrom('0 %', '12,5 %', '100,0 %'),
  second: fc.option(fc.nat(10_000), { nil: undefined }),
})
const anyDrawing: fc.Arbitrary<Drawing> = fc.record({
  ...{ site: anyText, title: anyText, subtitle: anyText, note: anyText },
  legend: fc.array(fc.record({ label: anyText, of: fc.constantFrom('value', 'second') }), { maxLength: 2 }),
  rows: fc.array(anyRow, { minLength: 2, maxLength: 20, size: 'max' }),
})

describe('a picture', () => {
  test('keeps every text within its margins and apart from the others', () => {
    fc.assert(
      fc.property(anyDrawing, (drawing) => expectInPlace(draw(drawing, typesetter))),
      { numRuns: 150 },
    )
  })

  test('is XML whatever it is given', () => {
    const evil = '</text><script>alert(1)</script>&\u0000\uFFFE\uD800'
    const svg = draw({ site: evil, title: evil, subtitle: '', note: '', legend: [], rows: [] }, typesetter)
    expect(svg).not.toMatch(/<script|&(?!amp;|lt;|gt;|quot;)/)
    expect(svg).not.toMatch(/[\0\uFFFE]/)
    expect(svg.isWellFormed()).toBe(true)
  })

  test.each([2, 5, 10, 20, 100])('of %i categories has them all, or says how many are left', (number) => {
    const locale = localeOf({ originalUrl: '/en/', headers: {} })
    const drawing = formDrawing({ definition: pollOf('town', longTitle, number), locale })
    const svg = draw(drawing, typesetter)
    expectInPlace(svg)
    const dots = svg.match(/<circle /g)!.length
    expect(dots).toBe(number > 20 ? 19 : number)
    if (number > 20) expect(svg).toContain(`and ${number - 19} more`)
  })
})

describe('what there is room for', () => {
  const rows = [3, 1, 2].map((value) => ({ value }))

  test('stays in its order if it is everything', () => {
    expect(fewEnough(rows, 3)).toEqual({ shown: rows, left: 0 })
  })

  test('is the largest, with a place for how many are left', () => {
    expect(fewEnough(rows, 2)).toEqual({ shown: [{ value: 3 }], left: 2 })
  })
})

test('a title takes one line if it can, however small, and ends with … when two are not enough', () => {
  const titled = (title: string) =>
    textsIn(draw({ site: '', title, subtitle: 'S', note: '', legend: [], rows: [] }, typesetter))
  expect(titled('Short?')[0]!.what).toBe('Short?')
  expect(titled('¿En qué gastaría usted sus impuestos federales?')[1]!.what).toBe('S')
  const [first, second] = titled(longTitle)
  expect(longTitle.startsWith(first!.what)).toBe(true)
  expect(second!.what).toMatch(/…$/)
})
