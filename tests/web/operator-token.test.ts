import { describe, expect, it } from 'vitest'
import { operatorOf } from '../../src/web/operator-token.ts'

describe('the operator of a token', () => {
  const one = 'a-long-enough-token'
  const several = 'ana:first-long-token-0,ben:second-long-token'

  it.each([
    ['given one token without a label', one, one, 'operator'],
    ['given several, is told by the label', 'first-long-token-0', several, 'ana'],
    ['given several, each by its own', 'second-long-token', several, 'ben'],
    [
      'given a token that looks as if it had a label, as a whole',
      'abc:old-token-of-mine',
      'abc:old-token-of-mine',
      'operator',
    ],
  ])('%s', (_, token, operatorToken, label) => {
    expect(operatorOf(token, operatorToken)).toBe(label)
  })

  it.each([
    ['another token', 'another-long-token', several],
    ['the label of one and the token of another', 'ana:second-long-token', several],
    ['an empty one', '', several],
    ['a part of one', 'first-long-token', several],
    ['any, where there is none', one, undefined],
  ])('is nobody, given %s', (_, token, operatorToken) => {
    expect(operatorOf(token, operatorToken)).toBeUndefined()
  })
})
