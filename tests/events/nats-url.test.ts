import { describe, expect, test } from 'vitest'
import { parseNatsUrl } from '../../src/events/nats/url.ts'

describe('a NATS_URL', () => {
  test.each([
    ['nats://127.0.0.1', { servers: ['127.0.0.1:4222'], tls: false }],
    ['nats://127.0.0.1:5222/', { servers: ['127.0.0.1:5222'], tls: false }],
    ['tls://a.example:1,b.example', { servers: ['a.example:1', 'b.example:4222'], tls: true }],
    ['nats://a,nats://b:1', { servers: ['a:4222', 'b:1'], tls: false }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'], tls: false }],
    ['nats://me:p%40ss@a', { servers: ['a:4222'], tls: false, user: 'me', password: 'p@ss' }],
    ['nats://token@a', { servers: ['a:4222'], tls: false, user: 'token' }],
    ['nats://me:100%@a', { servers: ['a:4222'], tls: false, user: 'me', password: '100%' }],
  ])('%s is understood', (url, parts) => {
    expect(parseNatsUrl(url)).toEqual({ user: undefined, password: undefined, ...parts })
  })

  test.each([
    '',
    'nats',
    'nats://',
    'http://a',
    'nats://a b',
    'nats://a/b',
    'nats://a:x',
    'nats://a,,b',
    'nats://a?tls',
  ])('%j is not', (url) => {
    expect(parseNatsUrl(url)).toBeUndefined()
  })
})
