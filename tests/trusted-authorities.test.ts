import { rootCertificates } from 'node:tls'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readCertificates } from '../src/trusted-authorities.ts'
import { TestServer } from './esdb/test-server.ts'
import { TestAuthority } from './support/certificates.ts'
import { startTestService } from './support/service.ts'
import { submit } from './web/api-client.ts'

vi.hoisted(() => {
  // Where it is set, gRPC believes the authorities in that file and no others.
  delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH
})

describe('certificates in a variable', () => {
  const [one, two] = rootCertificates as [string, string]

  test.each([
    ['one', one, [one]],
    ['several, with words between', `root:\n${one}\nother:\n${two}\n`, [one, two]],
    ['one with its line ends written out', one.replaceAll('\n', '\\n'), [one]],
  ])('given %s, then they are read', (_, pem, certificates) => {
    expect(readCertificates(pem)).toEqual(certificates)
  })

  test.each([
    ['nothing', ''],
    ['a path', '/etc/ssl/ca.pem'],
    ['one that is cut off', one.slice(0, -40)],
    ['one good and one bad', `${one}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`],
  ])('given %s, then there are none', (_, pem) => {
    expect(readCertificates(pem)).toBeUndefined()
  })
})

test('given servers with certificates of a private authority, when TLS_CA names it, then every thread believes them', async () => {
  const authority = await TestAuthority.create()
  const { key, certificate } = await authority.issue(['127.0.0.1'])
  const server = await TestServer.start({
    tls: { key, certificate },
    credentials: { username: 'taxbudget', password: 'secret' },
  })
  onTestFinished(() => server.close())
  const EVENT_STORE_URL = `esdb://taxbudget:secret@127.0.0.1:${server.port}`
  const TLS_CA = authority.certificate

  const service = await startTestService({ EVENT_STORE_URL, TLS_CA })
  onTestFinished(() => service.close())
  await submit(service.url)
  // In a thread of its own.
  const { aggregate } = await service.services.results.results('us-federal', { tier: 'replay' })
  expect(aggregate.counted).toBe(1)
}, 60_000)
