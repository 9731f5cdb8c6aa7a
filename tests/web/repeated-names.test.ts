import fc from 'fast-check'
import { expect, it } from 'vitest'
import { repeatedNames } from '../../src/web/api/repeated-names.ts'

it.each([
  ['{}', []],
  ['{"a":1,"b":2}', []],
  ['{"a":1,"a":1}', ['a']],
  ['{ "a" : 1 , "a"\t:\n2, "a":3, "b":1, "b":2 }', ['a', 'b']],
  ['{"a":{"a":{"a":1}}}', []],
  ['[{"a":1},{"a":1}]', []],
  ['{"a":{"b":1},"c":{"b":1},"a":2}', ['a']],
  ['{"a":{"x":1},"b":{"x":1,"x":2}}', ['x']],
  ['{"a":"a","b":"a"}', []],
  ['{"a":["a","a"]}', []],
  ['{"a":"\\"a\\":1","b":1}', []],
  ['{"a\\\\":1,"a\\"":2,"a":3}', []],
  ['{"\\u0061":1,"a":2}', ['a']],
  ['{"__proto__":1,"__proto__":2}', ['__proto__']],
  ['{"":1,"":2}', ['']],
  ['"a"', []],
])('of %s are %j', (json, names) => {
  expect(repeatedNames(json)).toEqual(names)
})

it('are never found in what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(repeatedNames(json)).toEqual([])
    }),
  )
})

it('are found wherever one is put in', () => {
  fc.assert(
    fc.property(fc.object(), fc.string(), fc.jsonValue(), (object, name, value) => {
      const inner = JSON.stringify({ ...object, [name]: value })
      const member = `${JSON.stringify(name)}:1`
      expect(repeatedNames(`[${inner.slice(0, -1)},${member}}]`)).toContain(name)
    }),
  )
})
