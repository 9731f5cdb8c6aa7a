import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { formIn, Person, words } from './person.ts'

/** A split of the default poll that sums to 100 %. */
const good = {
  'allocation[health]': '40',
  'allocation[education]': ' 25,0 % ',
  'allocation[science]': '35',
}

let service: TestService
let person: Person

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
})
afterAll(() => service.close())

const submit = async (who: Person, entries: Record<string, string> = good, path = '/') =>
  who.send(formIn((await who.get(path)).html), entries)

const openSmallPoll = async (poll: string): Promise<void> => {
  const category = (id: string) => ({ id, label: id.toUpperCase(), description: '', colour: '#2b6cb0' })
  const categories = [category('a'), category('b')]
  await openPoll(service.services.commands, {
    poll,
    title: `Poll ${poll}`,
    step: 50,
    categories,
    baselines: [],
  })
  await eventually(async () => expect((await person.get(`/polls/${poll}`)).status).toBe(200))
}

describe('the form', () => {
  test('has a labelled, described field for each category of the poll, and the same token until it is sent', async () => {
    const first = await person.get('/')
    expect(first.status).toBe(200)
    expect(first.headers.get('cache-control')).toBe('private, no-store')
    const { action, fields } = formIn(first.html)
    expect(action).toBe('/')
    expect([...fields.keys()].filter((name) => name.startsWith('allocation['))).toHaveLength(10)
    for (const id of ['health', 'social-security', 'other']) {
      expect(first.html).toContain(`<label for="share-${id}" lang="en">`)
      expect(first.html).toContain(`id="about-${id}"`)
    }
    const tokenOf = async (who: Person) => formIn((await who.get('/')).html).fields.get('token')
    expect(await tokenOf(person)).toBe(fields.get('token'))
    expect(await tokenOf(new Person(service.url))).not.toBe(fields.get('token'))
    await person.send({ action, fields }, good)
    expect(await tokenOf(person)).not.toBe(fields.get('token'))
  })

  test('sent without a script, leads to the person’s own page with the receipt, which is never in an address', async () => {
    const someone = new Person(service.url)
    const sent = await submit(someone)
    expect(sent.status).toBe(303)
    expect(sent.location).toMatch(/^\/submissions\/[0-9a-f-]{36}$/)
    const page = await someone.get(sent.location!)
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toBe('private, no-store')
    expect(words(page.html)).toContain('your split is stored and counts')
    expect(words(page.html)).toMatch(/Receipt: [\w-]{32} /)
    expect(words(page.html)).toMatch(/Healthcare 40 % \d/)
    expect(words(page.html)).toContain('OMB Historical Table 3.1')
  })

  test('sent twice at once and once more later, has one effect and leads to one place', async () => {
    const form = formIn((await person.get('/')).html)
    const sent = await Promise.all(Array.from({ length: 20 }, () => person.send(form, good)))
    const later = await person.send(form, good)
    expect(new Set([...sent, later].map(({ status, location }) => `${status} ${location}`)).size).toBe(1)
    const events = await service.services.commands.log.readStream(later.location!.slice(1).replace('s/', '-'))
    expect(events).toHaveLength(1)
  })

  test('sent again with other shares, says that it was sent already and where', async () => {
    const form = formIn((await person.get('/')).html)
    const first = await person.send(form, good)
    const second = await person.send(form, { ...good, 'allocation[health]': '30', 'allocation[other]': '10' })
    expect(second.status).toBe(409)
    expect(words(second.html)).toContain('You have already submitted this form')
    expect(second.html).toContain(`href="${first.location}"`)
  })

  test.each([
    ['no token', undefined],
    [
      'a token that was made up',
      `${randomBytes(16).toString('base64url')}.${randomBytes(32).toString('base64url')}`,
    ],
  ])('sent with %s, is shown again with what was entered and a token that works', async (_what, token) => {
    const form = formIn((await person.get('/')).html)
    form.fields.delete('token')
    const refused = await person.send(form, { ...good, ...(token && { token }) })
    expect(refused.status).toBe(422)
    expect(words(refused.html)).toContain('This form was out of date')
    const shownAgain = formIn(refused.html)
    expect(shownAgain.fields.get('allocation[education]')).toBe(' 25,0 % ')
    expect((await person.send(shownAgain)).status).toBe(303)
  })
})

describe('mistakes in the form', () => {
  test.each([
    ['health', 'a lot', 'Healthcare needs a number such as 25, but “a lot” was entered.'],
    ['health', '-5', 'Healthcare cannot be less than 0 %.'],
    ['health', '40.5', 'Healthcare takes whole percents only: 40 % or 41 %.'],
    ['health', '40.004', 'Healthcare takes whole percents only: 40 % or 41 %.'],
    ['health', '99999999999999999999', 'Healthcare cannot be more than 100 %.'],
    ['health', '1e1', 'Healthcare needs a number such as 25, but “1e1” was entered.'],
    ['health', '"><script>alert(1)</script>', 'Healthcare needs a number such as 25'],
    ['health', 'x'.repeat(5000), 'Healthcare needs a number such as 25'],
  ])('%s = %j is told at its field and above, and everything entered is kept', async (id, entry, message) => {
    const refused = await submit(person, { ...good, [`allocation[${id}]`]: entry, remember: 'yes' })
    expect(refused.status).toBe(422)
    const text = words(refused.html)
    expect(text.split(message)).toHaveLength(3)
    expect(refused.html).toContain(`href="#share-${id}"`)
    expect(refused.html).toMatch(new RegExp(`id="share-${id}"[^>]*aria-invalid="true"`))
    expect(refused.html).not.toContain('<script>alert')
    const { fields } = formIn(refused.html)
    expect(fields.get(`allocation[${id}]`)).toBe(entry)
    expect(fields.get('allocation[education]')).toBe(' 25,0 % ')
    expect(fields.get('remember')).toBe('yes')
  })

  test.each([
    [
      { 'allocation[health]': '60' },
      'The shares add up to 60 %, not to 100 %: 40 % is still to be given out.',
    ],
    [
      { ...good, 'allocation[other]': '7' },
      'The shares add up to 107 %, not to 100 %: that is 7 % too much.',
    ],
    [{}, 'The shares add up to 0 %, not to 100 %: 100 % is still to be given out.'],
    [{ ...good, 'allocation[nonsense]': '5' }, 'This poll has no category “nonsense”.'],
    [{ ...good, 'allocation[__proto__]': '5' }, 'This poll has no category “__proto__”.'],
  ])('%j is told above the form, and the same form can be sent again', async (entries, message) => {
    const refused = await submit(person, entries)
    expect(refused.status).toBe(422)
    expect(words(refused.html)).toContain(message)
    const fixed = formIn(refused.html)
    for (const name of fixed.fields.keys()) if (name.startsWith('allocation[')) fixed.fields.set(name, '')
    expect((await person.send(fixed, good)).status).toBe(303)
  })

  test('a field sent twice is told', async () => {
    const form = formIn((await person.get('/')).html)
    const body = new URLSearchParams([...form.fields, ...Object.entries(good)])
    const refused = await person.post('/', body)
    expect(refused.status).toBe(422)
    expect(words(refused.html)).toContain('Healthcare was sent more than once.')
  })

  test('a corrected form is the same submission as ever: the token is kept', async () => {
    const form = formIn((await person.get('/')).html)
    const refused = formIn((await person.send(form, { ...good, 'allocation[health]': '41' })).html)
    expect(refused.fields.get('token')).toBe(form.fields.get('token'))
  })
})

describe('what is not a form', () => {
  test.each([
    ['application/json', '{"allocation":{}}', 415],
    ['application/x-www-form-urlencoded', `token=${'x'.repeat(70_000)}`, 413],
    ['application/x-www-form-urlencoded', 'token=%ff%fe&allocation[health]=%c3%28', 422],
    ['application/x-www-form-urlencoded', '', 422],
  ])('%s: %.30s is refused with a page and %d', async (type, body, status) => {
    const response = await fetch(`${service.url}/`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('<h1')
  })
})

describe('any poll', () => {
  test('has its own form, with its own step, and its own results', async () => {
    await openSmallPoll('streets')
    const sent = await submit(person, { 'allocation[a]': '99.5', 'allocation[b]': '.5' }, '/polls/streets')
    expect(sent.status).toBe(303)
    await eventually(async () => {
      const { html } = await person.get('/polls/streets/results')
      expect(words(html)).toMatch(/A 99.5 % 99.5 % 99.5 % 99.5 %/)
    })
    expect((await person.get(sent.location!)).html).toContain('href="/polls/streets/results"')
  })

  test('that was closed says so instead of the form, and refuses what was half filled in', async () => {
    await openSmallPoll('over')
    const form = formIn((await person.get('/polls/over')).html)
    await closePoll(service.services.commands, 'over', 'anna')
    await eventually(async () =>
      expect(words((await person.get('/polls/over')).html)).toContain('This poll is closed'),
    )
    const refused = await person.send(form, { 'allocation[a]': '50', 'allocation[b]': '50' })
    expect(refused.status).toBe(409)
    expect(words(refused.html)).toContain('This poll is closed')
    expect(refused.html).toContain('href="/polls/over/results"')
    // The form asks the write side; the results come a moment later.
    await eventually(async () =>
      expect(words((await person.get('/polls/over/results')).html)).toContain('This poll is closed'),
    )
  })

  test('that nobody has answered has a page of results that says so', async () => {
    await openSmallPoll('quiet')
    const page = await person.get('/polls/quiet/results')
    expect(page.status).toBe(200)
    expect(words(page.html)).toContain('Nobody is counted yet')
  })
})

describe('addresses that lead nowhere', () => {
  test.each([
    '/nowhere',
    '/polls/none',
    '/polls/none/results',
    '/polls/No%20Poll',
    '/submissions/7b1c0d52-5f0a-4b43-9f0a-0d6c3a4f1e2b',
    '/submissions/not-a-number',
    '/assets/none.css',
    '/assets/..%2f..%2fpages%2fplugin.ts',
  ])('%s is a page that helps', async (path) => {
    const page = await person.get(path, { accept: 'text/html' })
    expect(page.status).toBe(404)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.html).toContain('href="/results"')
  })
})

describe('the collective budget', () => {
  test('shows the mean first, the truthful budget, quartiles, distributions, the actual budgets and every count', async () => {
    const text = await eventually(async () => {
      const { html } = await person.get('/results')
      expect(html).toContain('id="collective-chart-title"')
      return words(html)
    })
    for (const expected of [
      'An open poll, not a sample.',
      'Submissions counted',
      'Withdrawn by their owners',
      'Excluded by an operator',
      'Category Mean Truthful Median Middle half Actual budget, fiscal year 2025 Actual budget, fiscal year 2024',
      'Distribution of Healthcare',
      'net total of 7,011,105 million dollars',
    ])
      expect(text).toContain(expected)
    expect(text).toMatch(/As of .* UTC, position \d+, from the (snapshot|projection|replay)/)
    expect(text).not.toMatch(/margin of error/i)
  })

  test('leads to the rows behind its numbers, of the same position, in every format', async () => {
    const { html } = await eventually(async () => {
      const page = await person.get('/results')
      expect(page.html).toContain('id="downloads"')
      return page
    })
    const links = [...html.matchAll(/href="([^"]+)" download>([^<]+)</g)]
    expect(links.map(([, , name]) => name)).toEqual(['CSV', 'NDJSON', 'Parquet', 'Pabulib'])
    const [, position] = / data-position="(\d+)"/.exec(html)!
    for (const [, address] of links) {
      const file = await person.get(address!.replaceAll('&amp;', '&'))
      expect([file.status, file.headers.get('taxbudget-position')]).toEqual([200, position])
    }
  })

  test('may be shared by caches, and is answered 304 to who has it', async () => {
    const { headers } = await person.get('/results')
    expect(headers.get('cache-control')).toBe(
      'public, max-age=5, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400',
    )
    expect(headers.getSetCookie()).toEqual([])
    const etag = headers.get('etag')!
    const again = await person.get('/results', { 'if-none-match': etag })
    expect([again.status, again.html]).toEqual([304, ''])
    expect((await person.get('/results', { 'if-none-match': '"1.other"' })).status).toBe(200)
    await submit(person)
    await eventually(async () => expect((await person.get('/results')).headers.get('etag')).not.toBe(etag))
  })
})

describe('this device', () => {
  test('remembers nothing unless asked', async () => {
    const someone = new Person(service.url)
    await submit(someone)
    expect(someone.cookieNames).toEqual(['forms', 'receipt'])
    expect(words((await someone.get('/history')).html)).toContain('This device remembers none.')
  })

  test('asked to, finds the submissions again, newest first, until it is told to forget', async () => {
    const someone = new Person(service.url)
    const first = await submit(someone, { ...good, remember: 'yes' })
    const second = await submit(someone, { ...good, remember: 'yes' })
    const { html } = await someone.get('/history')
    const links = [...html.matchAll(/href="(\/submissions\/[^"]+)"/g)].map(([, href]) => href)
    expect(links).toEqual([second.location, first.location])
    const forgotten = await someone.send(formIn(html, '/forget'))
    expect([forgotten.status, forgotten.location]).toEqual([303, '/history'])
    expect(someone.cookieNames).toEqual([])
    expect(words((await someone.get('/history')).html)).toContain('This device remembers none.')
    expect(words((await someone.get(first.location!)).html)).not.toContain('your split is stored')
  })

  test('keeps its cookies from scripts and other sites', async () => {
    const sent = await submit(new Person(service.url), { ...good, remember: 'yes' })
    const lines = sent.headers.getSetCookie()
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['forms', 'receipt', 'remembered'])
    // The visit's cookies end with it; only what was asked to be remembered stays.
    expect(lines.find((line) => line.startsWith('forms='))).not.toMatch(/max-age|expires/i)
    for (const line of lines) expect(line).toMatch(/HttpOnly; SameSite=Lax/)
    for (const line of lines) expect(line).toContain('Path=/;')
  })
})

describe('changing one’s mind', () => {
  test('who holds the receipt can revise, with a form that is filled in', async () => {
    const someone = new Person(service.url)
    const { location } = await submit(someone)
    const form = formIn((await someone.get(`${location}/revise`)).html)
    expect(form.fields.get('allocation[health]')).toBe('40')
    const wrong = await someone.send(form, { 'allocation[health]': '45' })
    expect(wrong.status).toBe(422)
    expect(formIn(wrong.html).fields.get('allocation[health]')).toBe('45')
    const revised = await someone.send(form, { 'allocation[health]': '30', 'allocation[housing]': '10' })
    expect([revised.status, revised.location]).toEqual([303, location])
    expect(words((await someone.get(location!)).html)).toMatch(/Housing & Community 10 % \d/)
  })

  test('who holds the receipt can withdraw, once and for all', async () => {
    const someone = new Person(service.url)
    const { location } = await submit(someone)
    const withdrawn = await someone.send(formIn((await someone.get(location!)).html, '/withdraw'))
    expect([withdrawn.status, withdrawn.location]).toEqual([303, location])
    const page = await someone.get(location!)
    expect(words(page.html)).toContain('has been withdrawn')
    expect(page.html).not.toContain('/revise')
  })

  test('nobody else can; whoever brings the receipt can', async () => {
    const owner = new Person(service.url)
    const { location } = await submit(owner)
    const receipt = /Receipt: ([\w-]{32})/.exec(words((await owner.get(location!)).html))![1]!
    const stranger = new Person(service.url)
    const page = await stranger.get(location!)
    expect(page.html).not.toContain(receipt)
    expect((await stranger.get(`${location}/revise`)).status).toBe(403)
    expect((await stranger.post(`${location}/withdraw`, new URLSearchParams())).status).toBe(403)
    const form = formIn(page.html, '/receipt')
    const refused = await stranger.send(form, { receipt: 'wrong' })
    expect(refused.status).toBe(403)
    expect(refused.html).toContain(`href="${location}"`)
    expect((await stranger.send(form, { receipt: ` ${receipt} ` })).status).toBe(303)
    expect((await stranger.get(`${location}/revise`)).status).toBe(200)
  })
})
