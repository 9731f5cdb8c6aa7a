import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ANAS_TOKEN,
  BENS_TOKEN,
  type OperatorService,
  startOperatorService,
  TOKENS,
} from '../../support/operator/operator-service.ts'
import { formIn, words } from '../person.ts'
import { OperatorPerson } from './person.ts'

const HOUR = 3_600_000

let operators: OperatorService
let server: FastifyInstance
let clock: Date

beforeAll(async () => {
  operators = await startOperatorService()
  server = await operators.server({ now: () => clock, trustProxy: true })
})
afterAll(() => operators.close())

/** Each from an address of their own, so that nobody's attempts are counted with another's. */
let people = 0
const somebody = (at = server) => {
  clock = new Date('2026-11-23T10:00:00Z')
  people++
  return new OperatorPerson(at, { 'x-forwarded-for': `10.0.${people >> 8}.${people & 255}` })
}
const isSignedIn = async (person: OperatorPerson) => (await person.get('/operator/polls')).statusCode === 200

describe('an operator with the right token', () => {
  test('is led in, to where they wanted to go, under their own label', async () => {
    const person = somebody()
    const turnedAway = await person.get('/operator/parked?a=1')
    expect(turnedAway.headers.location).toBe('/operator/sign-in?to=%2Foperator%2Fparked%3Fa%3D1')
    const page = await person.get(String(turnedAway.headers.location))
    const led = await person.send(formIn(page.body, '/sign-in'), { token: `  ${BENS_TOKEN} ` })
    expect([led.statusCode, led.headers.location]).toEqual([303, '/operator/parked?a=1'])
    expect(words((await person.get('/operator/parked')).body)).toContain('Signed in as ben')
  })

  test.each([
    'https://evil.example',
    '//evil.example',
    '/operatorx',
    '/operator/../results\\x',
    '/results',
    '',
  ])('is never led elsewhere: %s', async (to) => {
    const person = somebody()
    const page = await person.get(`/operator/sign-in?to=${encodeURIComponent(to)}`)
    const answer = await person.send(formIn(page.body, '/sign-in'), { token: ANAS_TOKEN, to })
    expect(answer.headers.location).toBe('/operator')
  })

  test('has a cookie that no script and no other site gets, for the console alone', async () => {
    const answer = await somebody().signIn(ANAS_TOKEN)
    expect(answer.cookies.find(({ name }) => name === 'operator')).toMatchObject({
      ...{ httpOnly: true, sameSite: 'Strict', path: '/operator', maxAge: 8 * 3600 },
    })
    expect(JSON.stringify(answer.cookies)).not.toContain(ANAS_TOKEN)
  })

  test('by https, has one that goes no other way and belongs to this host', async () => {
    const secure = await operators.server({ trustProxy: true, publicUrl: 'https://budget.example.org' })
    const answer = await somebody(secure).signIn(ANAS_TOKEN)
    const cookie = answer.cookies.find(({ name }) => name === '__Host-operator')
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/' })
    expect(cookie).not.toHaveProperty('domain')
    expect(answer.headers['strict-transport-security']).toMatch(/max-age/)
  })

  test('is known by every web process of the same secret', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const other = await operators.server({ now: () => clock })
    expect(await isSignedIn(person.at(other))).toBe(true)
  })
})

describe('nobody gets in', () => {
  test.each([
    ['a wrong token', 'first-long-token-1'],
    ['a part of one', ANAS_TOKEN.slice(0, -1)],
    ['the whole setting', TOKENS],
    ['an empty one', ''],
  ])('with %s', async (_, token) => {
    const person = somebody()
    const answer = await person.signIn(token)
    expect([answer.statusCode, words(answer.body)]).toEqual([
      401,
      expect.stringContaining('The token is wrong.'),
    ])
    expect(answer.body).not.toContain('"first-long')
    expect(await isSignedIn(person)).toBe(false)
  })

  test('without the form that was shown to their own browser', async () => {
    const [person, other] = [somebody(), somebody()]
    await person.get('/operator/sign-in')
    const form = formIn((await other.get('/operator/sign-in')).body, '/sign-in')
    for (const fields of [form.fields, new Map([['token', ANAS_TOKEN]])]) {
      fields.set('token', ANAS_TOKEN)
      expect((await person.post('/operator/sign-in', fields)).statusCode).toBe(400)
    }
    expect(await isSignedIn(person)).toBe(false)
  })

  test.each([
    ['forged', (value: string) => value.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))],
    [
      'made by hand',
      (value: string) => {
        const session = JSON.parse(Buffer.from(value.split('.')[0]!, 'base64url').toString())
        const label = { ...session, label: 'root' }
        return `${Buffer.from(JSON.stringify(label)).toString('base64url')}.${value.split('.')[1]}`
      },
    ],
    ['cut off', (value: string) => value.slice(0, -1)],
    ['without a signature', (value: string) => value.split('.')[0]!],
    ['nonsense', () => 'a.b.c'],
  ])('with a cookie that is %s', async (_, change) => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    expect(await isSignedIn(person)).toBe(true)
    const value = person.cookies.get('operator')!
    person.cookies.set('operator', change(value))
    expect(await isSignedIn(person)).toBe(false)
  })

  test('with another thing that we signed', async () => {
    const person = somebody()
    await person.get('/operator/sign-in')
    person.cookies.set('operator', person.cookies.get('operator-visit')!)
    expect(await isSignedIn(person)).toBe(false)
  })

  test.each([
    ['after the token was changed', { operatorToken: 'ana:another-long-token-0,ben:second-long-token' }],
    ['after the operator was removed', { operatorToken: 'ben:second-long-token' }],
  ])('with a session from before, %s', async (_, changes) => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const after = await operators.server({ ...changes, now: () => clock })
    expect(await isSignedIn(person.at(after))).toBe(false)
  })
})

describe('a session', () => {
  test('ends after eight hours of silence', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    clock = new Date(clock.getTime() + 8 * HOUR - 1)
    expect(await isSignedIn(person.twin())).toBe(true)
    clock = new Date(clock.getTime() + 1)
    expect(await isSignedIn(person)).toBe(false)
  })

  test('is renewed by work, but not by what a page asks by itself, and ends after a day all the same', async () => {
    const [busy, left] = [somebody(), somebody()]
    for (const person of [busy, left]) await person.signIn(ANAS_TOKEN)
    for (let hour = 4; hour < 24; hour += 4) {
      clock = new Date(clock.getTime() + 4 * HOUR)
      expect(await isSignedIn(busy)).toBe(true)
      const live = await left.get('/operator/live', { 'x-fragment': '1' })
      expect(live.statusCode).toBe(hour < 8 ? 200 : 401)
    }
    clock = new Date(clock.getTime() + 4 * HOUR)
    expect(await isSignedIn(busy)).toBe(false)
  })

  test('ends on this browser when its operator signs out', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const page = await person.get('/operator')
    const answer = await person.send(formIn(page.body, '/sign-out'))
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/operator/sign-in'])
    expect(person.cookies.has('operator')).toBe(false)
    expect(await isSignedIn(person)).toBe(false)
  })

  test('ends for every copy of its cookie, at every web process', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const [thief, other] = [person.twin(), await operators.server({ now: () => clock, trustProxy: true })]
    expect(await isSignedIn(thief.twin().at(other))).toBe(true)
    await person.send(formIn((await person.get('/operator')).body, '/sign-out'))
    expect(await isSignedIn(thief.twin())).toBe(false)
    expect(await isSignedIn(thief.twin().at(other))).toBe(false)
    const form = (await thief.twin().post('/operator/polls/us-federal/close', [])).headers.location
    expect(form).toMatch(/sign-in/)
  })

  test('given the database is away, then pages are shown, and nothing is done', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const page = await person.get('/operator/projections/category-aggregate/rebuild')
    operators.signedOut.trouble = new Error('away')
    try {
      expect(await isSignedIn(person)).toBe(true)
      const answer = await person.send(formIn(page.body, 'rebuild'))
      expect([answer.statusCode, words(answer.body)]).toEqual([
        503,
        expect.stringContaining('Nothing was done: the database is away'),
      ])
    } finally {
      operators.signedOut.trouble = undefined
    }
    expect(operators.projections.acts).toEqual([])
  })

  test('cannot be ended by somebody else’s form', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    expect((await person.post('/operator/sign-out', [])).statusCode).toBe(400)
    expect(await isSignedIn(person)).toBe(true)
  })

  test('survives a link from another site, which comes without it', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const linked = new OperatorPerson(server)
    const page = await linked.get('/operator/sign-in?to=/operator/polls', { 'sec-fetch-site': 'cross-site' })
    expect(words(page.body)).toContain('If you are signed in already, go on from here')
    expect(page.cookies.map(({ name }) => name)).toEqual(['operator-visit'])
  })

  test('that has ended loses nothing silently: what was sent is told not to be done', async () => {
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const form = formIn((await person.get('/operator/polls/us-federal/close')).body, '/close')
    clock = new Date(clock.getTime() + 9 * HOUR)
    const page = await person.follow(await person.send(form))
    expect(words(page.body)).toContain('What you sent last was not done.')
    expect((await operators.service.services.commands.polls.get('us-federal')).status).toBe('open')
  })
})

describe('attempts to sign in', () => {
  test('are limited for each address, as TRUST_PROXY tells it, and the right token has to wait too', async () => {
    const trusting = await operators.server({ trustProxy: true })
    const [guesser, colleague] = ['198.51.100.7', '198.51.100.8'].map(
      (address) => new OperatorPerson(trusting, { 'x-forwarded-for': address }),
    )
    for (let i = 0; i < 10; i++)
      expect((await guesser!.signIn(`wrong-token-number-${i}`)).statusCode).toBe(401)
    const refused = await guesser!.signIn(ANAS_TOKEN)
    expect(refused.statusCode).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(words(refused.body)).toContain('Too many attempts to sign in')
    expect((await colleague!.signIn(ANAS_TOKEN)).statusCode).toBe(303)
  })

  test('are counted together for a whole IPv6 network, and are not fooled by a header of nobody’s proxy', async () => {
    const trusting = await operators.server({ trustProxy: true })
    const answers = []
    for (let i = 0; i < 11; i++)
      answers.push(
        await new OperatorPerson(trusting, { 'x-forwarded-for': `2001:db8::${i}` }).signIn('wrong'),
      )
    expect(answers.at(-1)!.statusCode).toBe(429)
    const plain = await operators.server()
    for (let i = 0; i < 11; i++)
      answers.push(await new OperatorPerson(plain, { 'x-forwarded-for': `198.51.100.${i}` }).signIn('wrong'))
    expect(answers.at(-1)!.statusCode).toBe(429)
  })

  test('are limited for all addresses together; who is signed in works on', async () => {
    const trusting = await operators.server({ trustProxy: true })
    const inside = new OperatorPerson(trusting, { 'x-forwarded-for': '192.0.2.1' })
    await inside.signIn(ANAS_TOKEN)
    const statuses = new Set<number>()
    for (let i = 0; i < 100; i++) {
      const person = new OperatorPerson(trusting, { 'x-forwarded-for': `203.0.113.${i}` })
      statuses.add((await person.signIn('wrong')).statusCode)
    }
    expect(statuses).toEqual(new Set([401, 429]))
    expect(await isSignedIn(inside)).toBe(true)
  })
})

describe('without OPERATOR_TOKEN', () => {
  test.each([
    ['GET', '/operator'],
    ['GET', '/operator/sign-in'],
    ['GET', '/operator/projections/submissions/rebuild'],
    ['POST', '/operator/sign-in'],
    ['POST', '/operator/polls/us-federal/close'],
  ] as const)('%s %s is a page that says so, even with a session from before', async (method, url) => {
    const closed = await operators.server({ operatorToken: '' })
    const person = somebody()
    await person.signIn(ANAS_TOKEN)
    const shut = person.at(closed)
    const answer = await (method === 'GET' ? shut.get(url) : shut.post(url, [['token', ANAS_TOKEN]]))
    expect(answer.statusCode).toBe(404)
    expect(words(answer.body)).toContain('The operator console is closed')
    expect(answer.cookies).toEqual([])
  })
})
