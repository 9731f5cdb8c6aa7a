import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExclusionEffect } from '../../src/commands/exclusions.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import { NO_STREAM } from '../../src/events/event-log.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { ExclusionOutcome, ParkedList } from '../../src/web/api/operator-schemas.ts'
import { eventually } from '../support/eventually.ts'
import { testPoll } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectProblem } from './api-client.ts'

const tokens = { anna: 'token-of-anna-0123', berta: 'token-of-berta-4567' }
let service: TestService
beforeAll(async () => {
  service = await startTestService({ OPERATOR_TOKEN: `anna:${tokens.anna},berta:${tokens.berta}` })
})
afterAll(() => service.close())

const as = (who: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[who]}` })
const post = (path: string, json: object, who: keyof typeof tokens = 'anna') =>
  ask(`${service.url}/api/operator/${path}`, { method: 'POST', json, headers: as(who) })
const results = async (poll: string) =>
  (await ask(`${service.url}/api/polls/${poll}/results?tier=projection`, { headers: as('anna') }))
    .json as ResultsView

/** An open poll of its own. */
async function freshPoll(): Promise<string> {
  const poll = `poll-${randomUUID().slice(0, 8)}`
  await openPoll(service.services.commands, testPoll(poll))
  return poll
}

const submitTo = async (poll: string, allocation: object, occurredAt?: string) =>
  await submitAllocation(service.services.commands, {
    ...{ poll, allocation, via: 'api' },
    ...(occurredAt && { occurredAt }),
  })

async function projected(): Promise<void> {
  const head = await service.services.commands.log.head()
  await eventually(async () => expect(await service.services.projections.checkpoint()).toBe(head))
}

/** The last event of a stream. */
const lastOf = async (stream: string) => (await service.services.commands.log.readStream(stream)).at(-1)!

/** Takes back what nobody gave: it is parked. @returns its position */
async function park(poll: string, data: object = {}): Promise<string> {
  const event = {
    id: randomUUID(),
    type: 'AllocationWithdrawn',
    schemaVersion: 1,
    data: {
      ...{ poll, submittedAt: '2026-01-01T00:00:00.000Z', occurredAt: '2026-01-01T00:00:00.000Z' },
      replaces: { a: 10_000, b: 0, c: 0 },
      ...data,
    },
  }
  const { position } = await service.services.commands.log.append(
    `submission-${randomUUID()}`,
    [event],
    NO_STREAM,
  )
  await projected()
  return String(position)
}

describe('operators’ API', () => {
  it('given no token, or a wrong one, then every operation is refused', async () => {
    const paths = ['parked/retry', 'parked/skip', 'exclusions', 'polls/x/close', 'polls/x/reopen']
    for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
      expectProblem(await ask(`${service.url}/api/operator/parked`, { headers }), 'NOT_AN_OPERATOR')
      for (const path of paths)
        expectProblem(
          await ask(`${service.url}/api/operator/${path}`, { method: 'POST', json: {}, headers }),
          'NOT_AN_OPERATOR',
        )
    }
  })

  it('given a poll, when closed and reopened, then both are signed with the token’s label', async () => {
    const poll = await freshPoll()
    expect((await post(`polls/${poll}/close`, {}, 'berta')).json).toEqual({ poll, status: 'closed' })
    expect(await lastOf(`poll-${poll}`)).toMatchObject({ type: 'PollClosed', data: { poll, by: 'berta' } })
    expect((await post(`polls/${poll}/reopen`, {})).json).toEqual({ poll, status: 'open' })
    expect(await lastOf(`poll-${poll}`)).toMatchObject({ type: 'PollReopened', data: { by: 'anna' } })
    expectProblem(await post('polls/nothing-here/close', {}), 'POLL_NOT_FOUND')
  })
})

describe('parked events', () => {
  const list = async () =>
    ParkedList.parse((await ask(`${service.url}/api/operator/parked`, { headers: as('anna') })).json).parked

  it('given one that does not fit, when retried, then it waits still and its act is on record', async () => {
    const poll = await freshPoll()
    const position = await park(poll)
    const error = expect.stringContaining('never counted')
    expect(await list()).toMatchObject([{ position, poll, type: 'AllocationWithdrawn', error }])
    const answer = await post('parked/retry', { positions: [position] })
    expect(answer.json).toEqual({ applied: [], parked: [expect.objectContaining({ position, poll })] })
    expect(await lastOf(`parked-${position}`)).toMatchObject({
      type: 'EventRetried',
      data: { position, poll, by: 'anna', event: { type: 'AllocationWithdrawn' } },
    })
    expect(await results(poll)).toMatchObject({ parked: 1 })
    await eventually(async () =>
      expect((await ask(`${service.url}/metrics`)).text).toMatch(/^taxbudget_parked_events 1$/m),
    )
    await post('parked/skip', { position, reason: 'test' })
  })

  it('given what it takes back is there by now, when all are retried, then it counts, in every tier', async () => {
    const poll = await freshPoll()
    const position = await park(poll)
    const before = await ask(`${service.url}/api/polls/${poll}/results`)
    expect(before.headers.get('etag')).toBe(`"${position}.p1"`)
    await submitTo(poll, { a: 10_000, b: 0, c: 0 })
    await projected()
    expect((await post('parked/retry', {})).json).toEqual({ applied: [position], parked: [] })
    for (const tier of ['snapshot', 'projection', 'replay'])
      await eventually(async () => {
        const url = `${service.url}/api/polls/${poll}/results?tier=${tier}`
        const answer = await ask(url, { headers: as('anna') })
        const counted = { counted: 0, excluded: 0, withdrawn: 1 }
        expect(answer.json).toMatchObject({ parked: 0, submissions: counted })
        expect(answer.headers.get('etag')).toBe(`"${(await lastOf(`parked-${position}`)).position}"`)
      })
  })

  it('given one is left out, then it is counted as parked no more, and cannot be retried', async () => {
    const poll = await freshPoll()
    const position = await park(poll)
    const answer = await post('parked/skip', { position, reason: 'damaged' }, 'berta')
    expect(answer.json).toEqual({ skipped: position })
    expect(await results(poll)).toMatchObject({ parked: 0 })
    expect(await list()).toEqual([])
    const act = { type: 'EventSkipped', data: { position, poll, by: 'berta', reason: 'damaged' } }
    expect(await lastOf(`parked-${position}`)).toMatchObject(act)
    for (const [path, body] of [
      ['parked/retry', { positions: [position] }],
      ['parked/skip', { position, reason: 'damaged' }],
    ] as const)
      expectProblem(await post(path, body), 'PARKED_EVENT_NOT_FOUND')
  })

  it('given it cannot be read at all, when retried, then why is told, and it can be left out', async () => {
    const position = await park('no-such-poll', { replaces: undefined, extra: 'anna@example.org' })
    const answer = (await post('parked/retry', {})).json as { parked: { error: string }[] }
    expect(answer.parked).toEqual([expect.objectContaining({ position, poll: null })])
    expect(answer.parked[0]!.error).toContain('AllocationWithdrawn')
    const { data } = await lastOf(`parked-${position}`)
    expect(JSON.stringify(data)).not.toContain('example.org')
    await post('parked/skip', { position, reason: 'damaged' })
    expect(await list()).toEqual([])
  })

  it('given two operators at once, then one of them leaves it out, and the other is told', async () => {
    const poll = await freshPoll()
    for (let round = 0; round < 3; round++) {
      const position = await park(poll)
      const skip = { position, reason: 'duplicate' }
      const answers = await Promise.all([
        post('parked/skip', skip, 'anna'),
        post('parked/skip', skip, 'berta'),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
      expect(await service.services.commands.log.readStream(`parked-${position}`)).toHaveLength(1)
    }
    expect(await results(poll)).toMatchObject({ parked: 0 })
  })

  it.each([
    ['parked/skip', { position: '1' }],
    ['parked/skip', { position: '1', reason: 'because of Anna' }],
    ['parked/skip', { position: 1, reason: 'test' }],
    ['parked/retry', { positions: ['x'] }],
    ['parked/retry', { positions: [] }],
    ['parked/retry', { position: '1' }],
    ['exclusions', { act: 'exclude', filter: { poll: 'p', via: 'api' } }],
    ['exclusions', { act: 'reinstate', reason: 'test', filter: { poll: 'p', via: 'api' } }],
    ['exclusions', { act: 'exclude', reason: 'test', filter: { poll: 'p' } }],
    ['exclusions', { act: 'exclude', reason: 'test', filter: { poll: 'p', submissions: ['x'] } }],
    ['exclusions', { act: 'exclude', reason: 'test', filter: { poll: 'p', from: 'yesterday' } }],
    [
      'exclusions',
      { act: 'exclude', reason: 'test', filter: { poll: 'p', repeated: { times: 0, minutes: 1 } } },
    ],
    ['exclusions?dryRun=maybe', { act: 'exclude', reason: 'test', filter: { poll: 'p', via: 'api' } }],
  ])('given %s with %j, then it is refused in plain words', async (path, body) => {
    const errors = expectProblem(await post(path, body), 'INVALID_REQUEST')
    expect(errors).not.toEqual([])
  })
})

describe('exclusions', () => {
  const shares = fc.constantFrom(
    { a: 10_000, b: 0, c: 0 },
    { a: 0, b: 5000, c: 5000 },
    { a: 0, b: 0, c: 10_000 },
  )
  const act = async (json: object, dryRun = false) => {
    const answer = await post(`exclusions${dryRun ? '?dryRun=true' : ''}`, json)
    expect(answer.status, answer.text).toBe(200)
    return ExclusionOutcome.parse(answer.json) as ExclusionEffect
  }
  const numbers = async (poll: string) => {
    await projected()
    const { submissions, categories } = await results(poll)
    return {
      counted: submissions.counted,
      excluded: submissions.excluded,
      categories: categories.map(({ id, label, mean, median, truthful }) => ({
        id,
        label,
        mean,
        median,
        truthful,
      })),
    }
  }

  it('given any submissions, when some are excluded and reinstated, then it is as the dry run said, and then as before', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shares, { minLength: 1, maxLength: 8 }), fc.nat(7), async (all, which) => {
        const poll = await freshPoll()
        const time = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
        const cast = []
        for (const [minute, allocation] of all.entries())
          cast.push(await submitTo(poll, allocation, time(minute)))
        const before = await numbers(poll)
        const filter =
          which % 2 === 0 ? { from: time(which) } : { submissions: [cast[which % all.length]!.submission] }
        const exclude = { act: 'exclude', reason: 'coordinated', filter: { poll, ...filter } }
        const planned = await act(exclude, true)
        expect(planned.before).toEqual(before)
        expect(await numbers(poll)).toEqual(before)
        const done = await act(exclude)
        const excluded = await numbers(poll)
        expect(done.changed).toBe(planned.changed)
        expect(planned.after).toEqual(excluded)
        expect(done.after).toEqual(excluded)
        expect(excluded.counted).toBe(all.length - done.changed)
        expect(await act(exclude)).toMatchObject({ changed: 0, already: done.changed })
        const reinstate = { act: 'reinstate', filter: { poll, ...filter } }
        expect((await act(reinstate, true)).after).toEqual(before)
        expect(await act(reinstate)).toMatchObject({ changed: done.changed })
        expect(await numbers(poll)).toEqual(before)
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('given one was withdrawn, then it stays so and is told of; both counts are public', async () => {
    const poll = await freshPoll()
    const [kept, gone] = [
      await submitTo(poll, { a: 10_000, b: 0, c: 0 }),
      await submitTo(poll, { a: 10_000, b: 0, c: 0 }),
    ]
    await withdrawAllocation(service.services.commands, gone!)
    await projected()
    const exclude = { act: 'exclude', reason: 'test', filter: { poll, via: 'api' } }
    expect(await act(exclude)).toMatchObject({
      ...{ found: 2, changed: 1, already: 0, withdrawn: 1 },
      examples: [kept!.submission],
    })
    const event = await lastOf(`submission-${kept!.submission}`)
    expect(event).toMatchObject({
      type: 'SubmissionExcluded',
      schemaVersion: 2,
      data: { reason: 'test', by: 'anna' },
    })
    await projected()
    expect((await results(poll)).submissions).toEqual({ counted: 0, excluded: 1, withdrawn: 1 })
    const page = await ask(`${service.url}/polls/${poll}/results`)
    expect(page.text).toContain('data-number="excluded">1</dd>')
  })

  it('given a burst, then those who belong to it are found, and no others', async () => {
    const poll = await freshPoll()
    const same = { a: 0, b: 10_000, c: 0 }
    const burst = []
    for (let second = 10; second < 15; second++)
      burst.push(await submitTo(poll, same, `2026-01-01T00:00:${second}.000Z`))
    await submitTo(poll, same, '2026-01-01T09:00:00.000Z')
    await submitTo(poll, { a: 0, b: 0, c: 10_000 }, '2026-01-01T00:00:11.000Z')
    await projected()
    const filter = { poll, repeated: { times: 4, minutes: 1 } }
    const { found, examples } = await act({ act: 'exclude', reason: 'automated', filter }, true)
    expect(found).toBe(5)
    expect([...examples].sort()).toEqual(burst.map(({ submission }) => submission).sort())
    const more = { ...filter, repeated: { times: 5, minutes: 1 } }
    expect(await act({ act: 'exclude', reason: 'automated', filter: more }, true)).toMatchObject({ found: 0 })
  })

  it('given ids of another poll, or of none, then they are named', async () => {
    const [poll, other] = [await freshPoll(), await freshPoll()]
    const { submission } = await submitTo(other, { a: 10_000, b: 0, c: 0 })
    await projected()
    const strange = [submission, randomUUID()]
    const answer = await post('exclusions', {
      ...{ act: 'exclude', reason: 'test' },
      filter: { poll, submissions: strange },
    })
    const errors = expectProblem(answer, 'INVALID_REQUEST')
    for (const id of strange) expect(JSON.stringify(errors)).toContain(id)
    const nowhere = { act: 'exclude', reason: 'test', filter: { poll: 'nowhere', via: 'api' } }
    expectProblem(await post('exclusions', nowhere), 'POLL_NOT_FOUND')
  })
})
