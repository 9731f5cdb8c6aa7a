import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../../src/errors.ts'
import { MemoryParked } from '../../support/operator/memory-parked.ts'
import { MemoryProjections } from '../../support/operator/memory-projections.ts'
import {
  ANAS_TOKEN,
  BENS_TOKEN,
  type OperatorService,
  startOperatorService,
} from '../../support/operator/operator-service.ts'
import { formIn, words } from '../person.ts'
import { OperatorPerson } from './person.ts'

const RESULTS = '/operator/projections/category-aggregate'

let operators: OperatorService
let projections: MemoryProjections
let parked: MemoryParked
let server: FastifyInstance
let ana: OperatorPerson

beforeAll(async () => {
  operators = await startOperatorService()
})
beforeEach(async () => {
  projections = new MemoryProjections()
  parked = new MemoryParked()
  server = await operators.server({ operator: { projections, parked } })
  ana = new OperatorPerson(server)
  await ana.signIn(ANAS_TOKEN)
})
afterAll(() => operators.close())

/** The message at the top of a page. */
const said = (html: string) => words(/<div class="notice (?:good|bad)"[\s\S]*?<\/div>/.exec(html)?.[0] ?? '')
const formAt = async (url: string) => formIn((await ana.get(url)).body, url.split('/').at(-1))

describe('a rebuild', () => {
  test('goes from its beginning to a promotion, a rollback and the end of the rest, each signed', async () => {
    expect(said((await ana.act(`${RESULTS}/rebuild`)).body)).toBe('Version 2 is being built.')
    await ana.act(`${RESULTS}/pause`)
    await ana.act(`${RESULTS}/resume`)
    projections.build('category-aggregate', 'ready', 1)
    expect(said((await ana.act(`${RESULTS}/promote`)).body)).toBe('Version 2 is live.')
    const confirmation = (await ana.get(`${RESULTS}/rollback`)).body
    expect(words(confirmation)).toContain('nobody sees the results go back')
    expect(said((await ana.act(`${RESULTS}/rollback`)).body)).toBe(
      'Version 1 is brought up to date and compared with a replay; it goes live by itself after that. Until then version 2 is served.',
    )
    // Another one would be refused: it is not offered.
    expect((await ana.get('/operator/projections')).body).not.toContain(`${RESULTS}/rollback`)
    projections.build('category-aggregate', 'ready', 1)
    expect(said((await ana.act(`${RESULTS}/prune`)).body)).toBe('Taken away: version 2.')
    expect(projections.acts).toEqual(
      ['rebuild', 'pause', 'resume', 'promote', 'rollback', 'prune'].map(
        (act) => `ana: ${act} category-aggregate${act === 'promote' ? ' 2' : ''}`,
      ),
    )
    const page = words((await ana.get('/operator/projections')).body)
    expect(page.slice(page.indexOf('Who did what'))).toMatch(
      /ana · Prune: Results, version 2 .*ana · Roll back: .*ana · Rebuild: Results, version 2/,
    )
  })

  test('is promoted by itself if that was ticked, and can be cancelled', async () => {
    await ana.act(`${RESULTS}/rebuild`, { promote: 'yes' })
    expect((await projections.list())[0]!.build!.promoteWhenReady).toBe(true)
    expect(said((await ana.act(`${RESULTS}/cancel`)).body)).toBe('Version 2 is given up.')
    expect((await projections.list()).map(({ version }) => version)).toEqual([1, 1])
  })

  test('shows how far it is, and every button that does something now and no other', async () => {
    const buttons = async () => {
      const { body } = await ana.get('/operator/projections')
      return [...body.matchAll(/projections\/category-aggregate\/(\w+)"/g)].map(([, act]) => act)
    }
    expect(await buttons()).toEqual(['rebuild'])
    await ana.act(`${RESULTS}/rebuild`)
    projections.build('category-aggregate', 'filling', 0.43)
    expect(await buttons()).toEqual(['pause', 'cancel'])
    const { body } = await ana.get('/operator/projections')
    expect(body).toContain('<progress id="progress-category-aggregate" max="100" value="43"')
    expect(words(body)).toContain('430 of 1,000 · 570 events behind · 4,000 events/s · about 1 min 15 s left')
    projections.build('category-aggregate', 'failed', 0.5, 'the disk is full')
    expect(words((await ana.get('/operator/projections')).body)).toContain('the disk is full')
    expect(await buttons()).toEqual(['resume', 'cancel'])
    projections.build('category-aggregate', 'ready', 1)
    expect(await buttons()).toEqual(['promote', 'cancel'])
    await ana.act(`${RESULTS}/promote`)
    expect(await buttons()).toEqual(['rebuild', 'rollback', 'prune'])
  })
})

describe('a form that is sent again', () => {
  test('does nothing a second time, and tells what came of it the first time', async () => {
    const form = await formAt(`${RESULTS}/rebuild`)
    const answers = await Promise.all([ana.twin().send(form), ana.twin().send(form)])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303])
    await ana.act(`${RESULTS}/cancel`)
    const again = await ana.follow(await ana.send(form))
    expect(said(again.body)).toBe(
      'This form was sent before. Nothing was done a second time. What came of it the first time: Version 2 is being built.',
    )
    expect(projections.acts).toEqual(['ana: rebuild category-aggregate', 'ana: cancel category-aggregate'])
  })

  test('to another web process is refused by what it says its operator saw', async () => {
    const other = await operators.server({ operator: { projections, parked } })
    await ana.act(`${RESULTS}/rebuild`)
    projections.build('category-aggregate', 'ready', 1)
    const form = await formAt(`${RESULTS}/promote`)
    await ana.send(form)
    const away = ana.at(other)
    expect(said((await away.follow(await away.send(form))).body)).toBe(
      'Not done: the page was out of date Your page showed: version 1 is live, version 2 is ready. By now it is: version 2 is live, nothing is being built. Look again, and decide anew.',
    )
    expect(projections.acts.filter((act) => act.includes('promote'))).toHaveLength(1)
  })

  test.each(['', 'version 7 is live'])('cannot claim to have seen “%s”', async (seen) => {
    const form = await formAt(`${RESULTS}/rebuild`)
    expect(said((await ana.follow(await ana.send(form, { seen }))).body)).toContain(
      'the page was out of date',
    )
    expect(projections.acts).toEqual([])
  })
})

test('of two operators who promote at once one does it, and the other is told', async () => {
  const ben = new OperatorPerson(server)
  await ben.signIn(BENS_TOKEN)
  await ana.act(`${RESULTS}/rebuild`)
  projections.build('category-aggregate', 'ready', 1)
  const forms = [
    await formAt(`${RESULTS}/promote`),
    formIn((await ben.get(`${RESULTS}/promote`)).body, '/promote'),
  ]
  const pages = [
    await ana.follow(await ana.send(forms[0]!)),
    await ben.follow(await ben.send(forms[1]!)),
  ].map(({ body }) => said(body))
  expect(pages[0]).toBe('Version 2 is live.')
  expect(pages[1]).toContain('Not done: the page was out of date')
  expect(projections.acts.at(-1)).toBe('ana: promote category-aggregate 2')
})

test('who loses the race in the very last moment gets the port’s own words', async () => {
  const form = await formAt(`${RESULTS}/rebuild`)
  const rebuild = projections.rebuild.bind(projections)
  projections.rebuild = async (...args) => {
    await rebuild('category-aggregate', { by: 'start-up', promote: false })
    return rebuild(...args)
  }
  expect(said((await ana.follow(await ana.send(form))).body)).toBe(
    'Not done: another version is being built already A version of category-aggregate is being built already.',
  )
})

describe('a form that is not of one’s own session', () => {
  test.each([
    ['none', () => ''],
    ['nonsense', () => 'a.b'],
    ['changed', (form: string) => form.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))],
  ])('is refused: %s', async (_, change) => {
    const form = await formAt(`${RESULTS}/rebuild`)
    const answer = await ana.send(form, { form: change(form.fields.get('form')!) })
    expect(answer.statusCode).toBe(400)
    expect(words(answer.body)).toContain('The form is not one of your present session. Nothing was done.')
    expect(projections.acts).toEqual([])
  })

  test('is refused, although it is of another operator, or of oneself before signing in again', async () => {
    const ben = new OperatorPerson(server)
    await ben.signIn(BENS_TOKEN)
    const [bens, before] = [
      formIn((await ben.get(`${RESULTS}/rebuild`)).body, '/rebuild'),
      await formAt(`${RESULTS}/rebuild`),
    ]
    expect((await ana.send(bens)).statusCode).toBe(400)
    ana.cookies.clear()
    await ana.signIn(ANAS_TOKEN)
    expect((await ana.send(before)).statusCode).toBe(400)
    expect(projections.acts).toEqual([])
  })

  test.each([
    ['another site, as browsers tell', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbouring subdomain', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that hides', { origin: 'null' }],
  ])('is refused, sent from %s', async (_, headers) => {
    const answer = await ana.send(await formAt(`${RESULTS}/rebuild`), {}, headers)
    expect([answer.statusCode, words(answer.body)]).toEqual([
      400,
      expect.stringContaining('It came from a page of another site. Nothing was done.'),
    ])
    expect(projections.acts).toEqual([])
  })

  test.each([
    { 'sec-fetch-site': 'same-origin', host: 'a.example:3000', origin: 'http://a.example:3000' },
    { origin: 'http://localhost' },
  ])('but one’s own is taken: %o', async (headers) => {
    expect((await ana.send(await formAt(`${RESULTS}/rebuild`), {}, headers)).statusCode).toBe(303)
  })
})

describe('whoever is not signed in', () => {
  const acts = ['rebuild', 'pause', 'resume', 'cancel', 'promote', 'rollback', 'prune'].map(
    (act) => `${RESULTS}/${act}`,
  )
  const others = [
    '/operator/parked/retry',
    '/operator/parked/1/skip',
    '/operator/exclusions',
    '/operator/exclusions/preview',
    '/operator/polls',
    '/operator/polls/check',
    '/operator/polls/us-federal/close',
  ]

  test.each([...acts, ...others])('does nothing by POST %s', async (url) => {
    const answer = await new OperatorPerson(server).post(url, [['seen', 'x']])
    expect([answer.statusCode, answer.headers.location]).toEqual([
      303,
      '/operator/sign-in?to=%2Foperator&ended',
    ])
    expect([...projections.acts, ...parked.acts, ...operators.exclusions.acts]).toEqual([])
  })

  test.each([
    '/operator',
    '/operator/projections',
    '/operator/parked',
    '/operator/exclusions',
    '/operator/polls',
    '/operator/doctor',
  ])('sees nothing of %s', async (url) => {
    const answer = await new OperatorPerson(server).get(url)
    expect([answer.statusCode, answer.body]).toEqual([302, ''])
    const fragment = await new OperatorPerson(server).get(url, { 'x-fragment': '1' })
    expect([fragment.statusCode, fragment.body]).toEqual([401, 'Signed out'])
  })
})

describe('parked events', () => {
  beforeEach(() => {
    parked.park(881n, 'no such category: <b>housing</b>')
    parked.park(1204n, 'revises a submission that is not there')
  })

  test('are listed with their errors, and retried one by one or together', async () => {
    const page = await ana.get('/operator/parked')
    expect(page.body).toContain('no such category: &lt;b&gt;housing&lt;/b&gt;')
    parked.cured.add(881n)
    const one = await ana.act('/operator/parked', {}, '/881/retry')
    expect(said(one.body)).toBe('1 event applied, 0 events still parked.')
    const rest = await ana.act('/operator/parked', {}, 'parked/retry')
    expect(said(rest.body)).toBe(
      '0 events applied, 1 event still parked. Event 1,204: revises a submission that is not there',
    )
    expect(parked.acts).toEqual(['ana: retry 881', 'ana: retry 1204'])
  })

  test('are skipped with a reason, and not without one', async () => {
    expect(said((await ana.act('/operator/parked/881/skip', { reason: ' ' })).body)).toContain('Say why')
    expect(said((await ana.act('/operator/parked/881/skip', { reason: 'a test of ours' })).body)).toBe(
      'Event 881 is skipped.',
    )
    expect(parked.acts).toEqual(['ana: skip 881 because a test of ours'])
  })

  test('that were retried meanwhile are not skipped by an older page', async () => {
    const form = await formAt('/operator/parked/881/skip')
    await ana.act('/operator/parked', {}, '/881/retry')
    const page = await ana.follow(await ana.send(form, { reason: 'old' }))
    expect(said(page.body)).toContain('the page was out of date')
    expect(parked.acts).toEqual(['ana: retry 881'])
  })

  test('that nobody has parked are not found', async () => {
    for (const position of ['7', 'x', '9'.repeat(30)])
      expect((await ana.get(`/operator/parked/${position}/skip`)).statusCode).toBe(404)
  })
})

test('what breaks is told without a trace of how', async () => {
  projections.rebuild = async () => {
    throw new Error('relation "projections" does not exist')
  }
  const page = await ana.act(`${RESULTS}/rebuild`)
  expect(said(page.body)).toContain('Not done: something went wrong on our side')
  expect(page.body).not.toMatch(/relation|\bat \w+ \(/)
  parked.list = async () => {
    throw new Problem('RESULTS_UNAVAILABLE', { detail: 'The database is away.' })
  }
  const broken = await ana.get('/operator/parked')
  expect([broken.statusCode, words(broken.body)]).toEqual([
    503,
    expect.stringContaining('The database is away.'),
  ])
})

test('pages are never stored, never framed, never indexed', async () => {
  for (const url of [
    '/operator/sign-in',
    '/operator',
    RESULTS.replace(/\/[^/]*$/, ''),
    '/operator/nowhere',
  ]) {
    const { headers } = await ana.get(url, { accept: 'text/html' })
    expect(headers['cache-control'], url).toContain('no-store')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-frame-options']).toBe('DENY')
  }
})
