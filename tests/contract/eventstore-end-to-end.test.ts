/** The whole service with its log in EventStoreDB: from a submission over HTTP to the results in all three tiers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerUnderTest, startServerUnderTest } from '../esdb/server-under-test.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'

const OPERATOR_TOKEN = 'operator-token-of-this-test'
const authorization = `Bearer ${OPERATOR_TOKEN}`

let server: ServerUnderTest
let service: TestService

beforeAll(async () => {
  server = await startServerUnderTest()
  const environment = { EVENT_STORE_URL: server.url, EVENT_STORE_PREFIX: server.prefix, OPERATOR_TOKEN }
  service = await startTestService(environment)
})

afterAll(async () => {
  await service.close()
  await server.close()
})

interface Results {
  readonly tier: string
  readonly submissions: { readonly counted: number; readonly withdrawn: number }
  readonly categories: readonly { readonly id: string; readonly sum: number }[]
}

async function api<Body = Record<'submission' | 'receipt' | 'position', string>>(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: Body }> {
  const headers = { 'content-type': 'application/json', authorization, ...init.headers }
  const response = await fetch(`${service.url}/api${path}`, { ...init, headers })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

const submit = (allocation: Record<string, number>) =>
  api('/polls/us-federal/submissions', { method: 'POST', body: JSON.stringify({ allocation }) })

const results = async (query: string) => (await api<Results>(`/polls/us-federal/results?${query}`)).body

const sumsOf = ({ categories }: Results) => Object.fromEntries(categories.map(({ id, sum }) => [id, sum]))

const counted = async (count: number) =>
  await eventually(async () => expect((await results('tier=projection')).submissions.counted).toBe(count))

describe('the service on EventStoreDB', () => {
  it('given submissions, a revision and a withdrawal, then all three tiers show the same', async () => {
    const first = await submit({ health: 4000, education: 6000 })
    const second = await submit({ health: 10_000 })
    const third = await submit({ environment: 10_000 })
    expect([first.status, second.status, third.status]).toEqual([201, 201, 201])
    const revised = await api(`/submissions/${second.body.submission}`, {
      method: 'PUT',
      headers: { receipt: second.body.receipt },
      body: JSON.stringify({ allocation: { health: 2000, education: 8000 } }),
    })
    const withdrawn = await api(`/submissions/${third.body.submission}`, {
      method: 'DELETE',
      headers: { receipt: third.body.receipt },
    })
    expect([revised.status, withdrawn.status].every((status) => status < 300)).toBe(true)
    await eventually(async () => {
      expect((await results('tier=projection')).submissions).toMatchObject({ counted: 2, withdrawn: 1 })
      expect((await results('tier=snapshot')).submissions).toMatchObject({ counted: 2, withdrawn: 1 })
    })
    const tiers = ['snapshot', 'projection', 'replay']
    const [snapshot, projection, replay] = await Promise.all(tiers.map((tier) => results(`tier=${tier}`)))
    expect(snapshot).toMatchObject({ tier: 'snapshot', total: 10_000, parked: 0 })
    expect(sumsOf(snapshot!)).toMatchObject({ health: 6000, education: 14_000, environment: 0 })
    expect({ ...projection, tier: 'x', asOf: 'x' }).toEqual({ ...snapshot, tier: 'x', asOf: 'x' })
    expect({ ...replay, tier: 'x', asOf: 'x' }).toEqual({ ...snapshot, tier: 'x', asOf: 'x' })
  })

  it('given a position of the past, then the results as they stood there', async () => {
    const { body: then } = await submit({ defense: 10_000 })
    await submit({ defense: 10_000 })
    const past = await results(`position=${then.position}`)
    expect(past).toMatchObject({ tier: 'replay', position: then.position })
    expect(sumsOf(past)).toMatchObject({ defense: 10_000 })
  })

  it('given the same key twice, then one submission, and the same answer', async () => {
    const request = {
      method: 'POST',
      headers: { 'idempotency-key': `"${server.prefix}key"` },
      body: JSON.stringify({ allocation: { health: 10_000 } }),
    }
    const first = await api('/polls/us-federal/submissions', request)
    const again = await api('/polls/us-federal/submissions', request)
    expect(first.status).toBe(201)
    expect(again.body).toEqual(first.body)
  })

  it('given a restart, then it goes on where it was', async () => {
    await counted(5)
    await service.restart()
    await submit({ health: 10_000 })
    await counted(6)
  })
})
