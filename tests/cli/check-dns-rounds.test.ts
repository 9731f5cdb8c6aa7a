/** Round after round, addresses out of reach, and wrong use. */
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { problemsOf } from '../../src/cli/check-dns/problems.ts'
import { lookAround } from '../../src/cli/check-dns/round.ts'
import { eventually } from '../support/eventually.ts'
import { endOf, runHere, startCli } from './command-line.ts'
import {
  DOMAIN,
  HERE,
  look,
  once_,
  options,
  ports,
  publish,
  RESOLVER,
  resolver,
  serve,
  WWW,
  zoneTo,
} from './dns-stage.ts'

describe('given addresses of IPv6 alone', () => {
  const here = '::1'

  test('when the service is there, then all is well', async () => {
    publish(['example.test SOA 7', `${DOMAIN} AAAA ${here}`, `${WWW} CNAME ${DOMAIN}`])
    const reached = Object.values(networkInterfaces()).some((each) => each?.some((it) => it.address === here))
    if (reached) await serve({ address: here })
    expect(await look()).toMatchObject({ code: reached ? 0 : 1, well: reached })
    expect((await once_()).stdout).toContain(`    ${WWW}  CNAME ${DOMAIN}, AAAA ${here}\n`)
  })

  test('when this machine reaches no such address, then nothing is known, and that is not well', async () => {
    publish(['example.test SOA 7', `${DOMAIN} AAAA ${here}`])
    const silent = new AbortController().signal
    const plan = { names: [DOMAIN], resolvers: [`${RESOLVER}:${ports.dns}`], expected: [], authorities: [] }
    const round = await lookAround(
      {
        ...plan,
        ports: { nameservers: ports.dns, http: ports.http, https: ports.https },
        timeoutMs: 1000,
        signal: silent,
      },
      new Date(),
    )
    const unreachable = {
      address: here,
      isService: false,
      error: 'no such addresses',
      unreachable: true,
    } as const
    const names = round.names.map((each) => ({ ...each, https: [unreachable], http: [unreachable] }))
    expect(problemsOf({ ...round, names })).toEqual([
      `${DOMAIN} has no address that this machine reaches, so nothing is known of its HTTPS: ask from one that does.`,
    ])
    // Where another address is reached, that one tells.
    const service = { address: HERE, isService: true, status: 200 }
    const redirected = { address: HERE, isService: false, status: 301, location: `https://${DOMAIN}/` }
    const both = names.map((each) => ({
      ...each,
      https: [unreachable, service],
      http: [unreachable, redirected],
    }))
    expect(problemsOf({ ...round, names: both })).toEqual([])
  })
})

describe('round after round', () => {
  test('it goes on until all is well, then ends with 0', async () => {
    publish(['example.test SOA 7'])
    await serve()
    const running = runHere(options(['--interval', '50ms', '--json']))
    await eventually(() => expect(resolver.asked.filter((it) => it === `${WWW} A`).length).toBeGreaterThan(1))
    publish(zoneTo(HERE))
    const { code, stdout, stderr } = await running
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const rounds = lines.slice(0, -1)
    expect(code).toBe(0)
    expect(rounds.length).toBeGreaterThan(1)
    expect(rounds.slice(0, -1).every(({ well }) => well === false)).toBe(true)
    expect(lines.at(-1)).toMatchObject({ summary: { rounds: rounds.length, well: true, stopped: false } })
    expect(stderr).toContain('The next round is at ')
  })

  test('Ctrl-C ends it cleanly, with a summary of what was last seen, and 1', async () => {
    publish(['example.test SOA 7'])
    const child = startCli(options(['--apex-only']))
    const ended = endOf(child)
    child.stderr.on('data', (chunk) => {
      if (String(chunk).includes('The next round')) child.kill('SIGINT')
    })
    const { code, stdout, stderr } = await ended
    expect(code).toBe(1)
    expect(stdout).toContain('  Not well:')
    expect(stderr).toMatch(
      /Stopped after 1 round and \d+ s; last seen:\n {2}budget\.example\.test does not resolve/,
    )
    expect(stderr).not.toContain('    at ')
  })

  test('Ctrl-C while servers are silent waits for none of them', async () => {
    resolver.mood = 'silent'
    const stop = new AbortController()
    const before = resolver.asked.length
    const running = runHere(options(['--timeout', '1h']), {}, { signal: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 100))
    stop.abort()
    const { code, stderr } = await running
    expect({ code, before }).toEqual({ code: 1, before: resolver.asked.length })
    expect(stderr).toMatch(/Stopped after 0 rounds and \d+ s; nothing is known yet\./)
  })
})

test.each([
  [['check-dns'], /DOMAIN is missing/],
  [['check-dns', 'localhost'], /DOMAIN must look like budget\.example\.org, not "localhost"/],
  [['check-dns', '10.0.0.1'], /DOMAIN must look like/],
  [['check-dns', 'https://budget.example.org'], /DOMAIN must look like/],
  [['check-dns', DOMAIN, '--interval', '5'], /--interval must look like 30s, 5m or 1h, not "5"/],
  [['check-dns', DOMAIN, '--interval', '600h'], /--interval may be 596h at most, not "600h"/],
  [['check-dns', DOMAIN, '--resolver', '1.1.1.1:0'], /--resolver must look like/],
  [
    ['check-dns', DOMAIN, '--ca', 'package.json'],
    /--ca must be a file of certificates in PEM; "package\.json" is none/,
  ],
  [['check-dns', DOMAIN, '--timeout', '0s'], /--timeout must look like/],
  [['check-dns', DOMAIN, '--expect', 'here'], /--expect must be addresses or host names.*"here" is neither/],
  [['check-dns', DOMAIN, '--resolver', 'dns.example'], /--resolver must look like/],
  [['check-dns', DOMAIN, '--resolver', '1.1.1.1:99999'], /--resolver must look like/],
  [['check-dns', DOMAIN, '--https-port', '0'], /--https-port must be a port/],
])('given %j, then wrong use is told, and the exit code is 2', async (args, message) => {
  const { code, stdout, stderr } = await runHere(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
})
