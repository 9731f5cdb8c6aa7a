/** Name servers, TLS and HTTP of this machine, for the tests of `check-dns`: import it, and they stand before each. */
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Readiness } from '../../src/readiness.ts'
import { buildHealthServer } from '../../src/web/health-server.ts'
import { type KeyAndCertificate, TestAuthority } from '../support/certificates.ts'
import { DnsServer, type ZoneLine } from '../support/dns-server.ts'
import { quietPort } from '../support/world/ports.ts'
import { type Ran, runHere } from './command-line.ts'

export const DOMAIN = 'budget.example.test'
export const WWW = `www.${DOMAIN}`
/** Where the service is, and where something else is. */
export const [HERE, ELSEWHERE] = ['127.0.1.1', '127.0.1.2']
export const [RESOLVER, NS_1, NS_2] = ['127.0.1.51', '127.0.1.52', '127.0.1.53']

export const ports = { dns: 0, http: 0, https: 0 }
export let authority: TestAuthority
let caFile: string
export let resolver: DnsServer
export let nameservers: [DnsServer, DnsServer]
/** What is closed after each test. */
export const closing: (() => unknown)[] = []

const delegation: readonly ZoneLine[] = [
  `example.test NS ns1.dns.test`,
  `example.test NS ns2.dns.test`,
  `ns1.dns.test A ${NS_1}`,
  `ns2.dns.test A ${NS_2}`,
]
export const zoneTo = (address: string): readonly ZoneLine[] => [
  'example.test SOA 7',
  `${DOMAIN} A ${address}`,
  `${WWW} CNAME ${DOMAIN}`,
]

beforeAll(async () => {
  ;[ports.dns, ports.http, ports.https] = await Promise.all([quietPort(), quietPort(), quietPort()])
  authority = await TestAuthority.create()
  caFile = join(tmpdir(), `taxbudget-ca-${process.pid}.pem`)
  await writeFile(caFile, authority.certificate)
  ;[resolver, ...nameservers] = await Promise.all([
    DnsServer.start(RESOLVER, ports.dns),
    DnsServer.start(NS_1, ports.dns),
    DnsServer.start(NS_2, ports.dns),
  ])
})
afterAll(async () => {
  await Promise.all([resolver, ...nameservers].map((server) => server.close()))
  await rm(caFile)
})

beforeEach(() => {
  publish(zoneTo(HERE))
  for (const server of [resolver, ...nameservers]) {
    server.mood = 'answers'
    server.failsOn = []
    server.asked.length = 0
  }
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** All name servers, and the public, say this. */
export function publish(zone: readonly ZoneLine[]): void {
  resolver.zone = [...delegation, ...zone]
  for (const server of nameservers) server.zone = zone
}

export interface Web {
  readonly address?: string
  readonly certificate?: KeyAndCertificate
  readonly https?: RequestListener
  readonly http?: RequestListener
}

const health = buildHealthServer({
  metrics: new Metrics(),
  readiness: new Readiness(),
  logLevel: 'silent',
})
/** Answers as the service does. */
export const asService: RequestListener = (request, response) => {
  void health.inject({ url: request.url! }).then(({ statusCode, headers, payload }) => {
    response.writeHead(statusCode, headers as Record<string, string>).end(payload)
  })
}
export const redirect: RequestListener = (request, response) => {
  response.writeHead(301, { location: `https://${request.headers.host}${request.url}` }).end()
}

export async function listen(server: Server | ReturnType<typeof createTcp>, port: number, address: string) {
  server.listen(port, address)
  await once(server, 'listening')
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
}

/** What stands behind the load balancer, and in front of it. */
export async function serve({ address = HERE, certificate, https = asService, http = redirect }: Web = {}) {
  const { key, certificate: cert } = certificate ?? (await authority.issue([DOMAIN, WWW]))
  await listen(createHttps({ key, cert }, https), ports.https, address)
  await listen(createHttp(http), ports.http, address)
}

export const options = (extra: readonly string[] = []) => [
  'check-dns',
  DOMAIN,
  ...['--resolver', `${RESOLVER}:${ports.dns}`, '--dns-port', String(ports.dns)],
  ...['--http-port', String(ports.http), '--https-port', String(ports.https)],
  ...['--ca', caFile, '--timeout', '1s', ...extra],
]
export const once_ = (...extra: string[]): Promise<Ran> => runHere(options(['--once', ...extra]))

export interface SeenRound {
  readonly well: boolean
  readonly problems: readonly string[]
  readonly [part: string]: unknown
}
export async function look(...extra: string[]): Promise<SeenRound & { readonly code: number | null }> {
  const { code, stdout } = await once_('--json', ...extra)
  const [round] = stdout.trim().split('\n')
  return { ...JSON.parse(round!), code }
}
