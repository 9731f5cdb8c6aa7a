/** The past on pages and of one submission: what stood then, and links that keep showing it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SubmissionView } from '../../src/web/api/schemas.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectDescribed, expectProblem, submit } from './api-client.ts'
import { Person, words } from './person.ts'

let service: TestService
let person: Person
let first: Awaited<ReturnType<typeof submit>>
let second: Awaited<ReturnType<typeof submit>>
/** Before anything, after each of two submissions, after the first was revised, after it was withdrawn. */
const times: string[] = []
const positions: string[] = []

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))
const passing = async () => {
  await pause()
  times.push(new Date().toISOString())
  await pause()
}
const change = async (method: string, body?: object) => {
  const { json } = await ask(`${service.url}/api/submissions/${first.submission}`, {
    method,
    headers: { receipt: first.receipt, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  positions.push((json as { position: string }).position)
}

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
  await passing()
  first = await submit(service.url, { health: 10_000 })
  await passing()
  second = await submit(service.url, { other: 10_000 })
  await passing()
  await change('PUT', { allocation: { education: 10_000 } })
  await passing()
  await change('DELETE')
  await passing()
})
afterAll(() => service.close())

const submissionAt = (query: string) => ask(`${service.url}/api/submissions/${first.submission}?${query}`)

describe('one submission as of a moment', () => {
  test.each([
    [1, 'counted', 'health', 1],
    [2, 'counted', 'health', 2],
    [3, 'counted', 'education', 2],
  ] as const)('%i is as it stood then, beside everyone’s of then', async (at, status, category, counted) => {
    const asOf = await submissionAt(`asOf=${times[at]}`)
    const view = expectDescribed(asOf, SubmissionView)
    expect(view).toMatchObject({ status, comparison: { tier: 'replay', counted } })
    expect(view.allocation?.[category]).toBe(10_000)
    const position = [first.position, second.position, ...positions][at - 1]
    expect(view.comparison?.position).toBe(position)
    expect((await submissionAt(`position=${position}`)).json).toEqual(asOf.json)
    expect((await submissionAt(`asOf=${times[4]}&position=${position}`)).json).toEqual(asOf.json)
  })

  test('after it was withdrawn is told of, and not shown; nor is it now', async () => {
    for (const query of [`asOf=${times[4]}`, `position=${positions[1]}`, '']) {
      const view = expectDescribed(await submissionAt(query), SubmissionView)
      expect(view).toMatchObject({ status: 'withdrawn', allocation: null, comparison: null })
    }
  })

  test('and as it is now has an address where it stays so', async () => {
    const bookmarkIn = ({ headers }: { headers: Headers }) =>
      /<([^>]+)>; rel="bookmark"/.exec(headers.get('link')!)![1]!
    const link = `/api/submissions/${second.submission}`
    for (const query of ['', `?asOf=${times[3]}`, `?position=${positions[0]}`]) {
      const answer = await ask(service.url + link + query)
      const address = bookmarkIn(answer)
      const kept = await ask(service.url + address)
      expect(bookmarkIn(kept)).toBe(address)
      const { comparison, ...rest } = answer.json as SubmissionView
      const then = kept.json as SubmissionView
      expect(then).toMatchObject(rest)
      expect({ ...then.comparison, tier: undefined }).toEqual({ ...comparison, tier: undefined })
    }
  })

  test('before it was cast is not there, and says since when it is', async () => {
    for (const query of [`asOf=${times[0]}`, `position=${BigInt(first.position) - 1n}`]) {
      const answer = await submissionAt(query)
      expectProblem(answer, 'SUBMISSION_NOT_FOUND')
      expect(answer.text).toContain(`position ${first.position}`)
    }
  })

  test('that is none is refused', async () => {
    expectProblem(await submissionAt('position=999999'), 'POSITION_NOT_FOUND')
    expectProblem(await submissionAt('asOf=9999-12-31T23:59:59Z'), 'INVALID_REQUEST')
    expectProblem(await submissionAt('asOf=1969-12-31T23:59:59Z'), 'INVALID_REQUEST')
    expectProblem(await submissionAt('asof=2026-01-01T00:00:00Z'), 'INVALID_REQUEST')
    const nobody = '00000000-0000-4000-8000-000000000000'
    const answer = await ask(`${service.url}/api/submissions/${nobody}?position=1`)
    expectProblem(answer, 'SUBMISSION_NOT_FOUND')
  })
})

/** What people copy. */
const permanentIn = (html: string): string =>
  /id="permanent"[^>]* value="([^"]+)"/.exec(html)![1]!.replaceAll('&amp;', '&')
const pathOf = (address: string) => address.slice(new URL(address).origin.length)
const countedIn = (html: string) => /data-number="counted">(\d+)/.exec(html)?.[1]

describe('the results page', () => {
  test('shows the past plainly as the past, with a way back and a link that keeps showing it', async () => {
    const page = await person.get(`/results?asOf=${times[2]}`)
    expect(page.status).toBe(200)
    expect(countedIn(page.html)).toBe('2')
    expect(words(page.html)).toContain('This is the past')
    expect(page.html).toContain('<a href="/results">Back to now</a>')
    const permanent = permanentIn(page.html)
    expect(permanent).toMatch(new RegExp(`/results\\?asOf=.*&position=${second.position}$`))
    const kept = await person.get(pathOf(permanent))
    expect(countedIn(kept.html)).toBe('2')
    expect(permanentIn(kept.html)).toBe(permanent)
  })

  test('now gives a link to its own numbers, which stays when they change', async () => {
    await eventually(async () => expect(countedIn((await person.get('/results')).html)).toBe('1'))
    const now = await person.get('/results')
    expect(words(now.html)).not.toContain('This is the past')
    await submit(service.url, { other: 10_000 })
    await eventually(async () => expect(countedIn((await person.get('/results')).html)).toBe('2'))
    const kept = await person.get(pathOf(permanentIn(now.html)))
    expect(countedIn(kept.html)).toBe('1')
    expect(words(kept.html)).toContain('This is the past')
  })

  test('takes what its form sends: a time without a zone is in UTC, an empty field is now', async () => {
    const { html } = await person.get('/results')
    expect(html).toContain('<form method="get" action="/results">')
    expect(html).toMatch(/<input id="as-of" name="asOf" type="datetime-local"/)
    const local = await person.get(`/results?asOf=${times[2]!.slice(0, -1)}`)
    expect(permanentIn(local.html)).toContain(`/results?asOf=${times[2]}&position=`)
    expect(words((await person.get('/results?asOf=')).html)).not.toContain('This is the past')
    expect((await person.get('/results?utm_source=mail')).status).toBe(200)
  })

  test.each([
    ['asOf=2999-01-01T00:00', 422, 'That moment is yet to come.'],
    ['asOf=1960-01-01', 422, 'before 1970'],
    ['asOf=yesterday', 422, 'Write the moment as day and time'],
    ['asOf=2026-01-01&asOf=2026-01-02', 422, 'Write the moment as day and time'],
    ['position=x', 422, 'A position is a whole number.'],
    ['position=999999', 404, 'The newest position is'],
    ['position=0', 404, 'It did not exist yet at that moment.'],
  ])('tells people what is wrong with ?%s', async (query, status, sentence) => {
    const page = await person.get(`/results?${query}`)
    expect(page.status).toBe(status)
    expect(words(page.html)).toContain(sentence)
    expect(page.html).toContain('<a class="button" href="/results">Go back</a>')
  })
})

describe('a submission’s page', () => {
  test('shows it as it stood, without its owner’s buttons', async () => {
    const path = `/submissions/${first.submission}`
    const then = await person.get(`${path}?asOf=${times[2]}`)
    expect(words(then.html)).toContain('This is the past')
    expect(then.html).not.toContain('Change or withdraw it')
    expect(words(then.html)).not.toContain('withdrawn by its owner')
    const kept = await person.get(pathOf(permanentIn(then.html)))
    expect(words(kept.html)).toContain('mean of 2 submissions')
    expect(then.html).toContain('data-category="health"')
    const after = await person.get(`${path}?asOf=${times[4]}`)
    expect(words(after.html)).toContain('had been withdrawn')
    for (const { html } of [after, await person.get(path)]) expect(html).not.toContain('data-category')
    const before = await person.get(`${path}?asOf=${times[0]}`)
    expect(before.status).toBe(404)
    expect(words(before.html)).toContain('It had not been submitted yet')
    expect(before.html).toContain(`href="${path}"`)
  })
})
