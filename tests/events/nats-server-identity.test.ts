import type { PeerCertificate } from 'node:tls'
import { expect, test } from 'vitest'
import { serverIdentity } from '../../src/events/nats/server-identity.ts'

const of = (subjectaltname: string) => ({ subject: {}, subjectaltname }) as PeerCertificate

test.each([
  ['the address that is asked for', ['10.0.0.1:4222'], 'localhost', 'IP Address:10.0.0.1', true],
  [
    'another address of the URL',
    ['10.0.0.1:4222', '10.0.0.2:4222'],
    'localhost',
    'IP Address:10.0.0.2',
    true,
  ],
  ['an IPv6 address', ['[fd00::1]:4222'], 'localhost', 'IP Address:FD00:0:0:0:0:0:0:1', true],
  ['an address that the URL does not name', ['10.0.0.1:4222'], 'localhost', 'IP Address:10.0.0.9', false],
  ['localhost where the URL names an address', ['10.0.0.1:4222'], 'localhost', 'DNS:localhost', false],
  [
    'an address where the URL says localhost',
    ['localhost:4222', '10.0.0.1:1'],
    'localhost',
    'IP Address:10.0.0.1',
    false,
  ],
  ['the name that is asked for', ['nats.example.org:4222'], 'nats.example.org', 'DNS:nats.example.org', true],
  ['another name', ['nats.example.org:4222', '10.0.0.1:1'], 'nats.example.org', 'IP Address:10.0.0.1', false],
])('given a certificate of %s, then it is judged rightly', (_, servers, host, names, good) => {
  expect(serverIdentity(servers)(host, of(names)) === undefined).toBe(good)
})
