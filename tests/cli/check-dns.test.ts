/** The whole way from a resolver to the service's answer, in one round: well, and not. */
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import { TestAuthority } from '../support/certificates.ts'
import {
  asService,
  authority,
  closing,
  DOMAIN,
  ELSEWHERE,
  HERE,
  listen,
  look,
  NS_1,
  NS_2,
  nameservers,
  once_,
  ports,
  publish,
  redirect,
  resolver,
  serve,
  WWW,
  zoneTo,
} from './dns-stage.ts'

describe('given all is well', () => {
  test('then every part is printed, with the time, and the exit code is 0', async () => {
    await serve()
    const { code, stdout, stderr } = await once_()
    expect({ code, problems: stdout.split('Not well:')[1] }).toEqual({ code: 0, problems: undefined })
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\n/)
    expect(stdout).toContain(`    ${DOMAIN}  A ${HERE}\n    ${WWW}  CNAME ${DOMAIN}, A ${HERE}\n`)
    expect(stdout).toContain('2 Name servers of example.test\n')
    for (const [host, address] of [
      ['ns1', NS_1],
      ['ns2', NS_2],
    ])
      expect(stdout).toContain(`    ${host}.dns.test (${address}, serial 7)\n      ${DOMAIN}  A ${HERE}\n`)
    for (const name of [DOMAIN, WWW]) {
      expect(stdout).toContain(
        `https://${name} at ${HERE}  200 (the service); certificate of ${DOMAIN}, ${WWW} by Test Authority, 60 days left\n`,
      )
      expect(stdout).toContain(`http://${name} at ${HERE}  301 to https://${name}/\n`)
    }
    expect(stdout).toMatch(/ {2}All is well\.\n$/)
    expect(stderr).toMatch(
      /^All is well with budget\.example\.test and www\.budget\.example\.test, after 1 round and \d+ s\.\n$/,
    )
  })

  test('then name servers are found by asking, not built in', async () => {
    await serve()
    await look()
    for (const server of nameservers) expect(server.asked).toContain(`${DOMAIN} A`)
  })

  test('then www may send people to the apex, or lead to a host of another zone', async () => {
    publish([...zoneTo(HERE).slice(0, 2), `${WWW} CNAME app.platform.test`])
    resolver.zone = [...resolver.zone, `app.platform.test A ${HERE}`]
    const https: RequestListener = (request, response) =>
      request.headers.host === WWW
        ? response.writeHead(308, { location: `https://${DOMAIN}${request.url}` }).end()
        : asService(request, response)
    await serve({ https })
    expect(await look()).toMatchObject({ code: 0, well: true, problems: [] })
    expect(await look('--expect', 'app.platform.test')).toMatchObject({ code: 0, well: true })
  })

  test('then a domain that is another name is of its own zone, not of the other', async () => {
    publish(['example.test SOA 7', `${DOMAIN} CNAME platform.test`])
    resolver.zone = [...resolver.zone, 'platform.test NS ns9.dns.test', `platform.test A ${HERE}`]
    await serve()
    expect(await look('--apex-only')).toMatchObject({ code: 0, zone: 'example.test', problems: [] })
  })

  test('then --apex-only asks for nothing else', async () => {
    publish(zoneTo(HERE).slice(0, 2))
    await serve({ certificate: await authority.issue([DOMAIN]) })
    expect(await look('--apex-only')).toMatchObject({ code: 0, problems: [] })
    expect((await look()).code).toBe(1)
  })
})

describe('given something is not well, then it is said, and the exit code is 1:', () => {
  const problemsSeen = async (...extra: string[]) => {
    const { code, well, problems } = await look(...extra)
    expect({ code, well }).toEqual({ code: 1, well: false })
    return problems
  }

  test('nothing is there: no domain, no zone', async () => {
    resolver.zone = ['other.test NS ns1.dns.test']
    expect(await problemsSeen()).toEqual([
      `${DOMAIN} does not resolve: there is no such name.`,
      `${WWW} does not resolve: there is no such name.`,
      `${DOMAIN} belongs to no zone that has name servers. Is the domain registered, and do its name servers stand at the registrar?`,
    ])
  })

  test('the zone is there, without records', async () => {
    publish(['example.test SOA 7'])
    expect(await problemsSeen()).toEqual([
      `${DOMAIN} does not resolve: there is no such name.`,
      `${WWW} does not resolve: there is no such name.`,
      `The zone has no record for ${DOMAIN}: add it where the domain's records are kept.`,
      `The zone has no record for ${WWW}: add it where the domain's records are kept.`,
    ])
  })

  test('www is missing', async () => {
    await serve()
    publish(zoneTo(HERE).slice(0, 2))
    expect(await problemsSeen()).toEqual([
      `${WWW} does not resolve: there is no such name.`,
      `The zone has no record for ${WWW}: add it where the domain's records are kept.`,
    ])
  })

  test('the address is another service', async () => {
    publish(zoneTo(ELSEWHERE))
    const parked: RequestListener = (_, response) => response.end('{"alive":true,"buy":"this domain"}')
    await serve({ address: ELSEWHERE, https: parked })
    expect(await problemsSeen()).toEqual(
      [DOMAIN, WWW].map(
        (name) => `https://${name} at ${ELSEWHERE} is another service: /livez does not answer as ours does.`,
      ),
    )
  })

  test('the address is not the expected one', async () => {
    await serve()
    expect(await problemsSeen('--expect', ELSEWHERE)).toEqual([
      `${DOMAIN} leads to ${HERE}, not to ${ELSEWHERE}.`,
      `${WWW} leads to ${DOMAIN}, ${HERE}, not to ${ELSEWHERE}.`,
      `The zone's record of ${DOMAIN} is ${HERE}, not ${ELSEWHERE}: change it.`,
      `The zone's record of ${WWW} is ${DOMAIN}, ${HERE}, not ${ELSEWHERE}: change it.`,
    ])
  })

  test('one of two addresses leads nowhere', async () => {
    publish([...zoneTo(HERE), `${DOMAIN} A ${ELSEWHERE}`])
    await serve()
    expect(await problemsSeen()).toEqual(
      [DOMAIN, WWW].flatMap((name) => [
        `https://${name} at ${ELSEWHERE}: nobody listens there.`,
        `http://${name} at ${ELSEWHERE}: nobody listens there.`,
      ]),
    )
  })

  test('the name servers disagree', async () => {
    await serve()
    await serve({ address: ELSEWHERE })
    nameservers[1].zone = zoneTo(ELSEWHERE)
    expect((await problemsSeen())[0]).toBe(
      `The name servers disagree on ${DOMAIN}: ns1.dns.test says ${HERE}; ns2.dns.test says ${ELSEWHERE}.`,
    )
    nameservers[1].zone = ['example.test SOA 6']
    expect((await problemsSeen())[0]).toBe(
      `The name servers disagree on ${DOMAIN}: ns1.dns.test says ${HERE}; ns2.dns.test says there is none.`,
    )
    // Where each may answer with a part of what is expected, that is no disagreement.
    nameservers[1].zone = zoneTo(ELSEWHERE)
    expect(await look('--expect', `${HERE},${ELSEWHERE}`)).toMatchObject({ code: 0, problems: [] })
  })

  test('the public still sees what was', async () => {
    await serve()
    await serve({ address: ELSEWHERE })
    for (const server of nameservers) server.zone = zoneTo(ELSEWHERE)
    expect(await problemsSeen()).toEqual([
      `The public still sees ${HERE} for ${DOMAIN} where the zone has ${ELSEWHERE}: it may have to wait.`,
    ])
  })

  test.each([
    ['silent', 'it does not answer'],
    ['refuses', 'it refuses: it does not know the zone (REFUSED)'],
    ['fails', 'it fails to find out (SERVFAIL)'],
  ] as const)('a name server that is %s', async (mood, why) => {
    await serve()
    nameservers[1].mood = mood
    expect(await problemsSeen()).toEqual(
      [DOMAIN, WWW].map((name) => `Name server ns2.dns.test (${NS_2}) on ${name}: ${why}.`),
    )
  })

  test('a resolver and a name server that fail on AAAA alone: what leads there is looked at all the same', async () => {
    await serve()
    resolver.failsOn = ['AAAA']
    nameservers[1].failsOn = ['AAAA']
    expect(await problemsSeen('--apex-only')).toEqual([
      `${DOMAIN} resolves in part alone: asked for its AAAA, it fails to find out (SERVFAIL).`,
      `Name server ns2.dns.test (${NS_2}) on ${DOMAIN}: asked for its AAAA, it fails to find out (SERVFAIL).`,
    ])
    const { stdout } = await once_('--apex-only')
    expect(stdout).toContain(
      `    ${DOMAIN}  A ${HERE}, asked for its AAAA, it fails to find out (SERVFAIL)\n`,
    )
    expect(stdout).toContain(`https://${DOMAIN} at ${HERE}  200 (the service)`)
  })

  test('a name server without an address, and one that nobody runs', async () => {
    await serve()
    resolver.zone = [...resolver.zone.filter((line) => !line.startsWith('ns')), 'ns1.dns.test A 127.0.1.99']
    expect(await problemsSeen('--apex-only')).toEqual([
      `Name server ns1.dns.test (127.0.1.99) on ${DOMAIN}: nobody listens there.`,
      'Name server ns2.dns.test has no address.',
    ])
  })

  test('the resolver is silent', async () => {
    resolver.mood = 'silent'
    expect(await problemsSeen('--apex-only')).toEqual([
      `${DOMAIN} does not resolve: it does not answer.`,
      `The name servers of ${DOMAIN} are not found: of the resolver, it does not answer. Do they answer?`,
    ])
  })

  test('the certificate has expired', async () => {
    await serve({ certificate: await authority.issue([DOMAIN, WWW], -3) })
    const problems = await problemsSeen('--apex-only')
    expect(problems).toEqual([
      expect.stringMatching(
        `^https://${DOMAIN} at ${HERE}: its certificate expired at \\d{4}-\\d\\d-\\d\\dT`,
      ),
    ])
    expect((await once_()).stdout).toContain('by Test Authority, -3 days left; its certificate expired at')
  })

  test('the certificate will not last, for nobody has renewed it', async () => {
    await serve({ certificate: await authority.issue([DOMAIN, WWW], 6) })
    expect(await problemsSeen('--apex-only')).toEqual([
      `https://${DOMAIN} at ${HERE}: its certificate ends in 6 days: it should have been renewed.`,
    ])
  })

  test('the certificate is of another name', async () => {
    await serve({ certificate: await authority.issue(['parking.test', DOMAIN]) })
    expect(await problemsSeen()).toEqual([
      `https://${WWW} at ${HERE}: its certificate is for parking.test, ${DOMAIN}, not for ${WWW}.`,
    ])
  })

  test('the certificate is from nobody that is known', async () => {
    const stranger = await TestAuthority.create('Stranger')
    await serve({ certificate: await stranger.issue([DOMAIN, WWW]) })
    expect((await problemsSeen('--apex-only'))[0]).toMatch(
      /its certificate is from nobody that browsers know/,
    )
  })

  test('there is no redirect from HTTP, or one that leads astray', async () => {
    let answer: RequestListener = asService
    await serve({ http: (request, response) => answer(request, response) })
    expect(await problemsSeen('--apex-only')).toEqual([
      `http://${DOMAIN} at ${HERE} answers 404 and does not redirect to HTTPS.`,
    ])
    answer = (_, response) => response.writeHead(302, { location: `http://${DOMAIN}/start` }).end()
    expect(await problemsSeen('--apex-only')).toEqual([
      `http://${DOMAIN} at ${HERE} redirects to http://${DOMAIN}/start, not to HTTPS of ${DOMAIN}.`,
    ])
    answer = (_, response) => response.writeHead(301, { location: `https://${DOMAIN}.evil.test/` }).end()
    expect((await problemsSeen('--apex-only'))[0]).toContain('not to HTTPS of')
  })

  test('both names send people to each other', async () => {
    const https: RequestListener = (request, response) => {
      const other = request.headers.host === WWW ? DOMAIN : WWW
      response.writeHead(301, { location: `https://${other}/livez` }).end()
    }
    await serve({ https })
    expect(await problemsSeen()).toEqual([
      `${DOMAIN} and ${WWW} send people to each other, and none of them is the service.`,
    ])
  })

  test('the service answers with an error', async () => {
    await serve({ https: (_, response) => response.writeHead(503).end() })
    expect(await problemsSeen('--apex-only')).toEqual([`https://${DOMAIN} at ${HERE}: it answers 503.`])
  })

  test('servers are silent, hang up, or do not speak TLS', async () => {
    const silent = createTcp((socket) => socket.on('error', () => {}).resume())
    await listen(silent, ports.https, HERE)
    const rude = createTcp((socket) => socket.destroy())
    await listen(rude, ports.http, HERE)
    expect(await problemsSeen('--apex-only')).toEqual([
      `https://${DOMAIN} at ${HERE}: it does not answer.`,
      `http://${DOMAIN} at ${HERE}: it hangs up.`,
    ])
    for (const close of closing.splice(0)) await close()
    await listen(createHttp(asService), ports.https, HERE)
    await listen(createHttp(redirect), ports.http, HERE)
    expect(await problemsSeen('--apex-only')).toEqual([
      `https://${DOMAIN} at ${HERE}: it does not speak TLS.`,
    ])
  })
})
