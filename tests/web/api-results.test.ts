import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ResultsView } from '../../src/queries/results-view.ts'
import { PollList, PollView } from '../../src/web/api/schemas.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectDescribed, expectProblem, submit } from './api-client.ts'

const token = 'a-token-for-operators'
let service: TestService
let firstPosition: string
let lastPosition: string
let between: string

const results = (query = '', headers: Record<string, string> = {}) =>
  ask(`${service.url}/api/polls/us-federal/results${query}`, { headers })

beforeAll(async () => {
  service = await startTestService({ OPERATOR_TOKEN: token })
  firstPosition = (await submit(service.url, { health: 10_000 })).position
  await new Promise((resolve) => setTimeout(resolve, 20))
  between = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 20))
  lastPosition = (await submit(service.url, { other: 10_000 })).position
  await eventually(async () => expect((await results()).json).toMatchObject({ position: lastPosition }))
})
afterAll(() => service.close())

describe('polls', () => {
  it('lists them and tells each one’s definition', async () => {
    const { polls } = expectDescribed(await ask(`${service.url}/api/polls`), PollList)
    const poll = expectDescribed(await ask(`${service.url}/api/polls/us-federal`), PollView)
    expect(polls).toEqual([poll])
    expect(poll).toMatchObject({ poll: 'us-federal', status: 'open', step: 100 })
    expect(poll.categories).toHaveLength(10)
  })

  it.each(['nope', 'US-FEDERAL', '%F0%9F%92%A9', 'a%00b', 'constructor'])(
    'knows no poll %s',
    async (poll) => {
      expectProblem(await ask(`${service.url}/api/polls/${poll}`), 'POLL_NOT_FOUND')
      expectProblem(await ask(`${service.url}/api/polls/${poll}/results`), 'POLL_NOT_FOUND')
    },
  )
})

describe('results now', () => {
  it('are what the description says, and name their tier, position and time', async () => {
    const answer = await results()
    const view = expectDescribed(answer, ResultsView)
    expect(view).toMatchObject({
      poll: 'us-federal',
      tier: 'snapshot',
      position: lastPosition,
      total: 10_000,
    })
    expect(view.submissions).toEqual({ counted: 2, excluded: 0, withdrawn: 0 })
    expect(answer.headers.get('server-timing')).toMatch(/^snapshot;dur=\d+\.\d$/)
    expect(answer.headers.get('cache-control')).toBe(
      'public, max-age=5, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400',
    )
    expect(answer.headers.get('etag')).toBe(`"${lastPosition}"`)
  })

  it.each([
    (etag: string) => etag,
    (etag: string) => `W/${etag}`,
    (etag: string) => `"0", W/"1" ,${etag}`,
    () => ' * ',
  ])('are not sent again to whoever has them (%#)', async (header) => {
    const answer = await results('', { 'if-none-match': header(`"${lastPosition}"`) })
    expect([answer.status, answer.text]).toEqual([304, ''])
    expect(answer.headers.get('etag')).toBe(`"${lastPosition}"`)
  })

  it.each(['"0"', 'W/"x"', '"', '', '****', '"1'])('are sent to whoever has %s', async (etag) => {
    expect((await results('', { 'if-none-match': etag })).status).toBe(200)
  })
})

describe('results of the past', () => {
  it('at a position hold everything up to it', async () => {
    const view = expectDescribed(await results(`?position=${firstPosition}`), ResultsView)
    expect(view).toMatchObject({ tier: 'replay', position: firstPosition, submissions: { counted: 1 } })
  })

  it('as of a time hold what occurred until then, in any time zone', async () => {
    const view = expectDescribed(await results(`?asOf=${between}`), ResultsView)
    expect(view).toMatchObject({ tier: 'replay', position: firstPosition, submissions: { counted: 1 } })
    const shifted = new Date(Date.parse(between) + 7_200_000).toISOString().replace('Z', '%2B02:00')
    expect((await results(`?asOf=${shifted}`)).json).toEqual(view)
  })

  it('at a position and as of a time hold what is in both', async () => {
    const both = await results(`?asOf=${between}&position=${lastPosition}`)
    expect(both.json).toEqual((await results(`?asOf=${between}`)).json)
    const early = expectDescribed(
      await results(`?asOf=${new Date().toISOString()}&position=${firstPosition}`),
      ResultsView,
    )
    expect(early).toMatchObject({ position: firstPosition, submissions: { counted: 1 } })
  })

  it('name the address that always gives these numbers, and may be kept for good there', async () => {
    const path = '/api/polls/us-federal/results'
    const bookmarkOf = ({ headers }: { headers: Headers }) =>
      /<([^>]+)>; rel="bookmark"/.exec(headers.get('link') ?? '')?.[1]
    const now = await results()
    expect(bookmarkOf(now)).toBe(`${path}?position=${lastPosition}`)
    expect(now.headers.get('link')).not.toContain('latest-version')
    const past = await results(`?asOf=${between}`)
    expect(bookmarkOf(past)).toBe(`${path}?asOf=${between}&position=${firstPosition}`)
    expect(past.headers.get('link')).toContain(`<${path}>; rel="latest-version"`)
    expect(past.headers.get('cache-control')).toContain('max-age=5')
    for (const answer of [now, past]) {
      const kept = await ask(service.url + bookmarkOf(answer)!)
      expect(kept.json).toEqual({ ...(answer.json as object), tier: 'replay' })
      expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(bookmarkOf(kept)).toBe(bookmarkOf(answer))
    }
  })

  it('are the same from the log alone', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const alone = await results(`?asOf=${between}&tier=replay`, headers)
    expect(alone.json).toEqual((await results(`?asOf=${between}`)).json)
    expect(alone.headers.get('cache-control')).toBe('private, no-store')
  })

  it('beyond the log’s head are not there', async () => {
    const beyond = BigInt(lastPosition) + 1n
    for (const position of [beyond, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, 10n ** 39n])
      expectProblem(await results(`?position=${position}`), 'POSITION_NOT_FOUND')
  })

  it('before the poll was opened are not there, and before the first submission empty', async () => {
    const headers = { authorization: `Bearer ${token}` }
    for (const query of ['?position=0', '?position=0&tier=replay']) {
      const answer = await results(query, headers)
      expectProblem(answer, 'POLL_NOT_FOUND')
      expect(answer.text).toContain('did not exist yet at')
    }
    const { openedAt } = (await service.services.results.results('us-federal')).aggregate
    // What is imported later may have occurred at any time: a time before all of it is a time at which nothing counted.
    const early = 'asOf=1970-01-01T00:00:00Z'
    for (const query of [`?position=${openedAt}`, `?${early}`, `?${early}&position=${lastPosition}`])
      for (const again of [query, query, `${query}&tier=replay`]) {
        const view = expectDescribed(await results(again, headers), ResultsView)
        expect(view.submissions.counted).toBe(0)
      }
  })

  it.each([
    ['asOf=yesterday', ['asOf wrong-format']],
    ['asOf=2020-02-30T00:00:00Z', ['asOf wrong-format']],
    ['asOf=2020-01-01T00:00:00+02:00', ['asOf wrong-format']],
    ['asOf=2020-01-01T00:00:00Z&asOf=2020-01-01T00:00:00Z', ['asOf wrong-format']],
    ['asOf=0000-01-01T00:00:00%2B14:00', ['asOf past']],
    ['asOf=9999-12-31T23:59:59Z', ['asOf future']],
    ['position=-1', ['position wrong-format']],
    ['position=1.5', ['position wrong-format']],
    ['position=', ['position wrong-format']],
    ['position=1&position=2', ['position wrong-format']],
    ['tier=fast', ['tier wrong-format']],
    ['position=x&tier=x&asof=x', ['position wrong-format', 'tier wrong-format', 'asof unknown-parameter']],
    ['tier=snapshot&position=1', ['tier contradiction']],
    ['__proto__=1', ['__proto__ unknown-parameter']],
    ['%zz=%zz', ['%zz unknown-parameter']],
  ])('are refused for ?%s', async (query, expected) => {
    const errors = expectProblem(await results(`?${query}`), 'INVALID_REQUEST')
    expect(errors.map(({ field, code }) => `${field} ${code}`)).toEqual(expected)
  })
})

describe('a forced tier', () => {
  it.each(['snapshot', 'projection', 'replay'])('%s gives operators the same numbers', async (tier) => {
    const answer = await results(`?tier=${tier}`, { authorization: `Bearer ${token}` })
    expect(expectDescribed(answer, ResultsView)).toEqual({ ...((await results()).json as object), tier })
    expect(answer.headers.get('etag')).toBe(`"${lastPosition}"`)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token} ${token}`,
  ])('is refused to %s', async (authorization) => {
    const answer = await results('?tier=replay', authorization === undefined ? {} : { authorization })
    expectProblem(answer, 'NOT_AN_OPERATOR')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="operators"')
  })
})
