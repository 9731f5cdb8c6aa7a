/** infra/nginx with its cache in a real nginx, before a real service: what reaches the service, and who sees what. */
import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { eventually } from '../support/eventually.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask, submit } from '../web/api-client.ts'
import { addressOf, cachedRoutes } from '../web/cached-routes.ts'
import { formIn, Person } from '../web/person.ts'
import { CountedOrigin } from './counted-origin.ts'

const token = 'a-token-of-at-least-24-characters'
const results = '/api/polls/us-federal/results'
/** What the program says: seconds that an answer is fresh. */
const FRESH = 15

let service: TestService
let origin: CountedOrigin
let nginx: NginxServer

beforeAll(async () => {
  service = await startTestService({ OPERATOR_TOKEN: `anna:${token}` })
  await submit(service.url)
  await eventually(async () => expect(await counted(service.url)).toBe(1))
  origin = await CountedOrigin.start(service.url)
  const change = (settings: string) => settings.replaceAll('max_fails=1', 'max_fails=0')
  nginx = await NginxServer.start([origin.port, await quietPort(), await quietPort()], {
    cached: true,
    change,
  })
})
afterAll(async () => {
  await nginx.close()
  await origin.die()
  await service.close()
})
beforeEach(async () => {
  await nginx.emptyCache()
  origin.reached = []
})
afterEach(() => {
  origin.change = (headers) => headers
  origin.failure = undefined
})

/** How many submissions the results at an address tell of. */
const counted = async (url: string): Promise<number> =>
  ((await ask(`${url}${results}`)).json as ResultsView).submissions.counted

/** Seconds, for times that the headers say in whole seconds. */
const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** The same headers with other times, so that a test need not wait for a minute. */
const within = (fresh: number, stale: number) => {
  origin.change = (headers) => ({
    ...headers,
    'cache-control': String(headers['cache-control'])
      .replace('s-maxage=15', `s-maxage=${fresh}`)
      .replace('while-revalidate=60', `while-revalidate=${stale}`),
  })
}

const statusOf = ({ headers }: { headers: Headers }) => headers.get('cache-status') ?? ''

/** Many at a time, as a crowd does. */
async function crowd(requests: number, visit: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const visitor = async () => {
    while (next < requests) await visit(next++)
  }
  await Promise.all(Array.from({ length: 40 }, visitor))
}

describe('a thousand requests for results', { timeout: 120_000 }, () => {
  test.each([results, '/en/results', '/en/embed/polls/us-federal'])(
    'of %s, all at once, reach the program once in each time that they are fresh',
    async (path) => {
      const began = Date.now()
      await crowd(1000, async () => {
        const { status, text } = await ask(nginx.url + path)
        expect(status).toBe(200)
        expect(text.length).toBeGreaterThan(1000)
      })
      const windows = 1 + Math.floor((Date.now() - began) / 1000 / FRESH)
      expect(origin.to(path).length).toBeLessThanOrEqual(windows)
    },
  )

  test('over several such times reach it once in each, and it only says that nothing has changed', async () => {
    within(1, 60)
    const began = Date.now()
    await crowd(1000, async () => {
      expect((await ask(nginx.url + results)).status).toBe(200)
      await pass(0.12)
    })
    const seconds = (Date.now() - began) / 1000
    const reached = origin.to(results)
    expect(reached.length).toBeGreaterThan(1)
    expect(reached.length).toBeLessThanOrEqual(1 + seconds)
    // Whoever was served what was no longer fresh has not waited for the answer.
    await eventually(() =>
      expect(reached.map(({ status }) => status)).toEqual([200, ...reached.slice(1).map(() => 304)]),
    )
  })

  test('who has them already is answered 304 by the cache alone', async () => {
    const { headers } = await ask(nginx.url + results)
    const again = await ask(nginx.url + results, { headers: { 'if-none-match': headers.get('etag')! } })
    expect([again.status, again.text, statusOf(again)]).toEqual([304, '', 'taxbudget; hit'])
    expect(origin.reached.length).toBe(1)
  })
})

describe('results that are no longer fresh', { timeout: 120_000 }, () => {
  test('are served at once while they are asked for again, and then the new ones', async () => {
    within(1, 60)
    const before = await counted(nginx.url)
    await submit(service.url)
    await eventually(async () => expect(await counted(service.url)).toBe(before + 1))
    await pass(2.1)
    const release = origin.hold()
    const began = Date.now()
    const meanwhile = await Promise.all(Array.from({ length: 50 }, () => ask(nginx.url + results)))
    for (const answer of meanwhile) {
      expect((answer.json as ResultsView).submissions.counted).toBe(before)
      expect(statusOf(answer)).toBe('taxbudget; hit; detail=stale')
    }
    expect(Date.now() - began, 'not only when the program is given up, after 30 s').toBeLessThan(20_000)
    await eventually(() => expect(origin.to(results)).toHaveLength(2))
    release()
    await eventually(async () => expect(await counted(nginx.url)).toBe(before + 1))
  })

  test('for longer than the program allows are served to nobody', async () => {
    within(1, 0)
    const before = await counted(nginx.url)
    await submit(service.url)
    await eventually(async () => expect(await counted(service.url)).toBe(before + 1))
    await pass(2.1)
    expect(await counted(nginx.url)).toBe(before + 1)
  })

  test('are served as long as the program cannot be had, and the new ones after', async () => {
    within(1, 0)
    const page = '/en/results'
    const before = await counted(nginx.url)
    const { text } = await ask(nginx.url + page)
    await submit(service.url)
    const kept = async () => {
      expect(await counted(nginx.url)).toBe(before)
      expect((await ask(nginx.url + page)).text).toBe(text)
      const other = await ask(`${nginx.url}/es/results`)
      expect(other.status, 'nothing is made up').toBeGreaterThanOrEqual(500)
    }
    // Neither fresh nor to be served while they are asked for again.
    await pass(2.1)
    for (const status of [500, 502, 503, 504]) {
      origin.failure = status
      await kept()
    }
    await origin.die()
    await kept()
    await kept()
    origin.failure = undefined
    await origin.resume()
    await eventually(async () => expect(await counted(nginx.url)).toBe(before + 1))
  })
})

describe('what is kept', () => {
  let submission: string
  let asset: string
  beforeAll(async () => {
    ;({ submission } = await submit(service.url))
    asset = /"(\/assets\/[^"]+\?v=[^"]+)"/.exec((await ask(`${service.url}/en/`)).text)![1]!
  })

  test.each([...cachedRoutes])('of %s is what the table says', async (route, { atOurEdge }) => {
    const address = addressOf(route, submission, asset)
    const [first, second] = [await ask(nginx.url + address), await ask(nginx.url + address)]
    expect(second.status).toBe(first.status)
    expect(statusOf(second)).toBe(atOurEdge ? 'taxbudget; hit' : '')
    expect(origin.to(address)).toHaveLength(atOurEdge ? 1 : 2)
  })

  test.each([
    ['sets a cookie', { 'set-cookie': 'mine=1' }],
    ['is private', { 'cache-control': 'private, max-age=60' }],
    ['is not to be stored', { 'cache-control': 'no-store' }],
    ['is to be asked for each time', { 'cache-control': 'public, no-cache' }],
    ['depends on cookies', { vary: 'accept-encoding, cookie' }],
    ['depends on anything', { vary: '*' }],
  ])('is nothing that %s, by whatever mistake', async (_what, mistaken) => {
    origin.change = (headers) => ({ ...headers, ...mistaken })
    const address = '/en/results'
    for (const _ of [1, 2]) expect(statusOf(await ask(nginx.url + address))).toBe('taxbudget; fwd=miss')
    expect(origin.to(address)).toHaveLength(2)
  })

  test('is no refusal', async () => {
    const address = '/polls/none/results'
    for (const _ of [1, 2]) expect((await ask(nginx.url + address)).status).toBe(404)
    expect(origin.to(address)).toHaveLength(2)
  })

  test('is nothing that an operator is told, nor is an operator told what is kept', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const asked = async () => statusOf(await ask(nginx.url + results, { headers }))
    expect(await asked()).toBe('taxbudget; fwd=bypass')
    for (const status of ['fwd=miss', 'hit'])
      expect(statusOf(await ask(nginx.url + results))).toBe(`taxbudget; ${status}`)
    expect(await asked()).toBe('taxbudget; fwd=bypass')
    const sent = origin.to(results).map((each) => each.headers.authorization)
    expect(sent).toEqual([headers.authorization, undefined, headers.authorization])
    const forced = `${results}?tier=replay`
    expect((await ask(nginx.url + forced, { headers })).status).toBe(200)
    expect((await ask(nginx.url + forced)).status).toBe(401)
  })

  test.each([
    ['position', () => '1'],
    ['asOf', () => new Date().toISOString()],
  ])('is no moment of the past: %s', async (name, value) => {
    const address = `${results}?${name}=${value()}`
    for (const _ of [1, 2]) expect(statusOf(await ask(nginx.url + address))).toBe('')
    expect(origin.to(address).map(({ status }) => status)).toEqual([200, 200])
  })

  test('is gone when its files are: then everything is asked for again', async () => {
    for (const _ of [1, 2]) await ask(nginx.url + results)
    await nginx.emptyCache()
    for (const _ of [1, 2]) expect((await ask(nginx.url + results)).status).toBe(200)
    expect(origin.to(results)).toHaveLength(2)
  })
})

describe('languages', () => {
  const browsers = [
    ...['en', 'es', 'es-MX,es;q=0.8', 'en-GB,en;q=0.9,es;q=0.8', 'es-ES,es;q=0.9,en;q=0.8', 'fr,de;q=0.5'],
    ...[
      'ca-ES,ca;q=0.9,es;q=0.8,en;q=0.7',
      'fr-FR, fr;q=0.9, en;q=0.8, es;q=0.7',
      '*',
      'ES',
      'pt-BR,es;q=0.5',
    ],
    ...['zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7', 'et,est;q=0.9', 'en-ES,en'],
  ]

  test('are the browser’s choice as the program understands it, and two pages are kept, not one for each browser', async () => {
    const address = '/results'
    for (const language of [...browsers, undefined]) {
      const headers = { 'accept-language': language ?? '' }
      const [kept, asked] = [
        await ask(nginx.url + address, { headers }),
        await ask(`${service.url}/results`, { headers }),
      ]
      expect([language, kept.headers.get('content-language')]).toEqual([
        language,
        asked.headers.get('content-language'),
      ])
      expect(kept.text).toContain(`<html lang="${asked.headers.get('content-language')}"`)
    }
    expect(origin.to(address).map(({ headers }) => headers['accept-language'])).toEqual(['en', 'es'])
  })

  test('in an address are one page for everybody', async () => {
    const address = '/es/results'
    for (const language of browsers) {
      const { headers } = await ask(nginx.url + address, { headers: { 'accept-language': language } })
      expect(headers.get('content-language')).toBe('es')
    }
    expect(origin.to(address)).toHaveLength(1)
  })

  test('time series are JSON or CSV, as each asks', async () => {
    const address = '/api/polls/us-federal/trends?bucket=day'
    for (const type of ['text/csv', 'application/json', 'text/csv', 'application/json']) {
      const { headers } = await ask(nginx.url + address, { headers: { accept: type } })
      expect(headers.get('content-type')).toContain(type)
    }
    expect(origin.to(address)).toHaveLength(2)
  })

  test('pages come compressed to who can read it, and plain to others', async () => {
    const address = '/en/results'
    for (const encoding of ['br, gzip', 'gzip', 'identity', 'gzip;q=0', 'gzip, deflate, br, zstd', 'GZIP']) {
      const got = await new Promise<string | undefined>((resolve, reject) => {
        const headers = { 'accept-encoding': encoding }
        request(nginx.url + address, { headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.headers['content-encoding']))
        })
          .on('error', reject)
          .end()
      })
      const wanted = encoding.includes('br') ? 'br' : /gzip$/i.test(encoding) ? 'gzip' : undefined
      expect([encoding, got]).toEqual([encoding, wanted])
    }
    expect(origin.to(address)).toHaveLength(3)
  })
})

describe('people', () => {
  /** Fills in the form and sends it, by way of the cache. */
  async function takePart(
    share: string,
  ): Promise<{ person: Person; own: string; receipt: string; form: string }> {
    const person = new Person(nginx.url)
    const { html: form } = await person.get('/en/')
    const sent = await person.send(formIn(form), {
      'allocation[health]': share,
      'allocation[defense]': `${100 - Number(share)}`,
    })
    expect(sent.status).toBe(303)
    const { html } = await person.get(sent.location!)
    return { person, own: sent.location!, receipt: /data-copied="receipt">([^<]+)</.exec(html)![1]!, form }
  }

  test('never see what is another’s: forms, cookies, receipts and pages of their own', async () => {
    const [anna, berta] = [await takePart('30'), await takePart('70')]
    expect(formIn(anna.form).fields.get('token')).not.toBe(formIn(berta.form).fields.get('token'))
    expect(anna.own).not.toBe(berta.own)
    for (const [one, other] of [
      [anna, berta],
      [berta, anna],
    ] as const) {
      const mine = await one.person.get(one.own)
      expect(mine.html).toContain(one.receipt)
      expect((await other.person.get(one.own)).html).not.toContain(one.receipt)
      expect((await new Person(nginx.url).get(one.own)).html).not.toContain(one.receipt)
      const history = await one.person.get('/en/history')
      expect(history.html).not.toContain(other.own)
    }
    expect(anna.person.cookieNames).toContain('forms')
  })

  test('what they send reaches the program each time, with its answer kept by nobody', async () => {
    const sent = [
      await ask(`${nginx.url}/api/polls/us-federal/submissions`, {
        method: 'POST',
        json: { allocation: { health: 10_000 } },
      }),
      await ask(`${nginx.url}/api/polls/us-federal/submissions`, {
        method: 'POST',
        json: { allocation: { health: 10_000 } },
      }),
    ]
    const [first, second] = sent.map(({ json }) => json as { submission: string; receipt: string })
    expect(first!.submission).not.toBe(second!.submission)
    expect(first!.receipt).not.toBe(second!.receipt)
    for (const answer of sent) {
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(statusOf(answer)).toBe('')
    }
    expect(origin.reached.map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  test('send no cookie to where a page is everybody’s', async () => {
    const { person } = await takePart('40')
    origin.reached = []
    const [address, form] = ['/en/results', '/en/']
    await person.get(address)
    await person.get(form)
    expect(origin.to(address)[0]!.headers).not.toHaveProperty('cookie')
    expect(origin.to(form)[0]!.headers.cookie).toContain('forms=')
    expect((await new Person(nginx.url).get(address)).headers.get('set-cookie')).toBeNull()
  })

  test('open sockets through it', async () => {
    const told = await new Promise<string>((resolve, reject) => {
      const asked = request(`${nginx.url}/api/polls/us-federal/live`, {
        headers: { connection: 'upgrade', upgrade: 'websocket' },
      })
      asked.on('upgrade', (_, socket) => {
        socket.write('are you there?')
        socket.once('data', (data) => {
          resolve(data.toString())
          socket.destroy()
        })
      })
      asked.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)))
      asked.on('error', reject)
      asked.end()
    })
    expect(told).toBe('are you there?')
  })
})
