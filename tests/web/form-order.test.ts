import { expect, test } from 'vitest'
import { orderFor, shownWith } from '../../src/web/pages/form-order.ts'
import { issueFormToken } from '../../src/web/pages/form-token.ts'

const tokens = Array.from({ length: 2000 }, () => issueFormToken('some secret or other', 'us-federal'))

test('a form has every category once, in the same order for as long as it has its token', () => {
  for (const token of tokens.slice(0, 50))
    for (const count of [2, 10, 100]) {
      const order = orderFor(token, count)
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, place) => place))
      expect(orderFor(token, count)).toEqual(order)
    }
})

test('every category stands at every place about as often', () => {
  const seen = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0])
  for (const token of tokens) for (const [at, place] of orderFor(token, 5).entries()) seen[at]![place]!++
  // 400 are expected, with a standard deviation of 18.
  for (const times of seen.flat()) expect(Math.abs(times - 400)).toBeLessThan(110)
})

test('what is recorded says which category stood where, and whether results had been seen', () => {
  const categories = Array.from({ length: 12 }, (_, place) => ({ id: `c${place}` })) as never
  const { order, results } = shownWith({ categories }, tokens[0]!, true)
  expect(order.match(/\d\d/g)!.map(Number)).toEqual(orderFor(tokens[0]!, 12))
  expect(results).toBe('seen')
  expect(shownWith({ categories }, tokens[0]!, undefined).results).toBe('unseen')
})
