import { expect, test } from 'vitest'
import { isFormToken, issueFormToken } from '../../src/web/pages/form-token.ts'

const secret = 'a secret of some thirty-two letters'

test('a token holds for the poll that it was issued for, under the same secret, and nowhere else', () => {
  const token = issueFormToken(secret, 'us-federal')
  expect(isFormToken(secret, 'us-federal', token)).toBe(true)
  expect(isFormToken(secret, 'another', token)).toBe(false)
  expect(isFormToken(`${secret}!`, 'us-federal', token)).toBe(false)
})

test('no two forms have the same token', () => {
  const tokens = Array.from({ length: 100 }, () => issueFormToken(secret, 'us-federal'))
  expect(new Set(tokens).size).toBe(100)
})

test.each([undefined, null, 7, '', '.', 'a', 'a.b', 'a.b.c', ['a.b'], {}])('%j is no token', (token) => {
  expect(isFormToken(secret, 'us-federal', token)).toBe(false)
})

test('a token whose random part was changed is no token', () => {
  const [, signature] = issueFormToken(secret, 'us-federal').split('.')
  expect(isFormToken(secret, 'us-federal', `mine.${signature}`)).toBe(false)
})
