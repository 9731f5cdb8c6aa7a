import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PollDefinition } from '../../../src/events/poll-events.ts'
import { eventually } from '../../support/eventually.ts'
import { MemoryExclusions } from '../../support/operator/memory-exclusions.ts'
import {
  ANAS_TOKEN,
  type OperatorService,
  startOperatorService,
} from '../../support/operator/operator-service.ts'
import { formIn, words } from '../person.ts'
import { OperatorPerson } from './person.ts'

const EXCLUSIONS = '/operator/exclusions'

let operators: OperatorService
let definition: PollDefinition
let exclusions: MemoryExclusions
let server: FastifyInstance
let ana: OperatorPerson

beforeAll(async () => {
  operators = await startOperatorService()
  definition = (await operators.service.services.commands.polls.get('us-federal')).definition
})
beforeEach(async () => {
  exclusions = new MemoryExclusions(definition)
  // Three by the API that are all alike within a minute, three by the form.
  for (let i = 0; i < 6; i++)
    exclusions.submissions.push({
      id: randomUUID(),
      submittedAt: `2026-11-20T10:00:${i}0.000Z`,
      via: i < 3 ? 'api' : 'form',
      allocation: i < 3 ? { defense: 10_000 } : { health: 1000 * i, education: 10_000 - 1000 * i },
      excluded: false,
    })
  server = await operators.server({ operator: { exclusions } })
  ana = new OperatorPerson(server)
  await ana.signIn(ANAS_TOKEN)
})
afterAll(() => operators.close())

const preview = async (entries: Record<string, string>) =>
  ana.send(formIn((await ana.get(EXCLUSIONS)).body, '/preview'), {
    act: 'exclude',
    poll: 'us-federal',
    ...entries,
  })
const confirm = (html: string, entries: Record<string, string> = {}) =>
  ana.send(formIn(html, EXCLUSIONS), entries)
const excluded = () => exclusions.submissions.filter(({ excluded }) => excluded).length

describe('an exclusion', () => {
  test('shows what it would change, then does it with a reason, then shows what it has changed', async () => {
    const page = await preview({ via: 'api' })
    const text = words(page.body)
    expect(text).toContain('sent by the API')
    expect(text).toContain('Defense & Military 50.0 % 0.0 % −50.0')
    expect([text.includes('Exclude 3 submissions'), excluded()]).toEqual([true, 0])
    const answer = await confirm(page.body, { reason: 'coordinated' })
    expect(String(answer.headers.location)).toMatch(/^\/operator\/exclusions\/jobs\/[\w-]{22}$/)
    await eventually(async () =>
      expect(words((await ana.get(String(answer.headers.location))).body)).toContain('It is done.'),
    )
    const done = words((await ana.get(String(answer.headers.location))).body)
    expect(done).toContain('3 counted now, 6 before')
    expect([excluded(), exclusions.acts]).toEqual([3, ['ana: exclude 3 as coordinated']])
  })

  test('is taken back in the same way', async () => {
    const ids = exclusions.submissions.slice(0, 2).map(({ id }) => id.toUpperCase())
    await confirm((await preview({ submissions: ids.join(', \n') })).body, { reason: 'test' })
    await eventually(() => expect(excluded()).toBe(2))
    await confirm((await preview({ submissions: ids.join(' '), act: 'reinstate' })).body)
    await eventually(() => expect(excluded()).toBe(0))
    expect(exclusions.acts).toEqual(['ana: exclude 2 as test', 'ana: reinstate 2'])
  })

  test('of a burst finds those that are alike within the minutes', async () => {
    expect(words((await preview({ times: '2', minutes: '1' })).body)).toContain('Exclude 3 submissions')
    expect(words((await preview({ times: '3', minutes: '1' })).body)).toContain(
      'no submission is found by this',
    )
  })

  test('goes no further than its operator saw: what came in later is not meant', async () => {
    const page = await preview({ from: '2026-11-20T10:00:00' })
    const late = new Date(Date.now() + 60_000).toISOString()
    exclusions.submissions.push({ ...exclusions.submissions[0]!, id: randomUUID(), submittedAt: late })
    await confirm(page.body, { reason: 'other' })
    await eventually(() => expect(excluded()).toBe(6))
  })

  test('is not done if by now it would be another', async () => {
    const page = await preview({ via: 'api' })
    exclusions.submissions[0]!.excluded = true
    const told = words((await ana.follow(await confirm(page.body, { reason: 'other' }))).body)
    expect(told).toContain(
      'Your page showed: 3 found, 3 would change. By now it is: 3 found, 2 would change.',
    )
    expect(exclusions.acts).toEqual([])
  })

  test('sent twice is done once', async () => {
    const page = await preview({ via: 'api' })
    const answers = [
      await confirm(page.body, { reason: 'test' }),
      await confirm(page.body, { reason: 'test' }),
    ]
    expect(answers[0]!.headers.location).toBe(answers[1]!.headers.location)
    expect(exclusions.acts).toEqual(['ana: exclude 3 as test'])
  })

  test.each([
    ['no reason', {}],
    ['a reason that there is not', { reason: 'dislike' }],
    ['a changed filter', { reason: 'other', via: 'form', times: 'x' }],
  ])('with %s is refused', async (_, entries) => {
    const page = await preview({ via: 'api' })
    expect(words((await ana.follow(await confirm(page.body, entries))).body)).toContain('Not done')
    expect([excluded(), exclusions.acts]).toEqual([0, []])
  })
})

describe('the form', () => {
  test.each<[string, Record<string, string>]>([
    ['Say which submissions you mean', {}],
    ['“x” is no id of a submission.', { submissions: 'x' }],
    ['Give either ids or the rest, not both.', { submissions: randomUUID(), via: 'api' }],
    ['Write the start as a date and time.', { from: 'yesterday' }],
    ['The end must be after the start.', { from: '2026-11-20T10:00', to: '2026-11-20T10:00' }],
    ['Say more than how many times', { times: '0', minutes: '1' }],
    ['Say within how many minutes', { times: '2' }],
    ['Choose how the submissions came in.', { via: 'letter' }],
    ['Choose a poll.', { poll: '', via: 'api' }],
    ['Give at most 1500 ids', { submissions: Array.from({ length: 1501 }, () => randomUUID()).join(' ') }],
  ])('asks again: %s', async (message, entries) => {
    const answer = await preview(entries)
    expect([answer.statusCode, words(answer.body)]).toEqual([422, expect.stringContaining(message)])
    // What is chosen from a list has no place for what is not in it.
    const { via: _, ...typed } = entries
    for (const value of Object.values(typed)) expect(answer.body).toContain(value)
  })
})

describe('long work', () => {
  /** Holds it up at the second submission, until let go. */
  function heldUp(): () => void {
    let letGo = () => {}
    const until = new Promise<void>((resolve) => {
      letGo = resolve
    })
    exclusions.gate = (done) => (done === 1 ? until : Promise.resolve())
    return letGo
  }
  const begin = async () =>
    String((await confirm((await preview({ via: 'api' })).body, { reason: 'test' })).headers.location)

  test('goes on while its page shows how far it is', async () => {
    const letGo = heldUp()
    const job = await begin()
    await eventually(async () => expect(words((await ana.get(job)).body)).toContain('1 of 3 under way'))
    const live = await ana.get(`${job}/live`, { 'x-fragment': '1' })
    expect(live.body).toContain('<progress id="progress-job" max="3" value="1"')
    expect(live.body).not.toContain('<html')
    expect(words((await ana.get(EXCLUSIONS)).body)).toContain('Excluding: first sent before')
    letGo()
    await eventually(() => expect(excluded()).toBe(3))
  })

  test('can be stopped, and asked for again', async () => {
    const letGo = heldUp()
    const job = await begin()
    await eventually(async () => expect(words((await ana.get(job)).body)).toContain('1 of 3'))
    await ana.send(formIn((await ana.get(job)).body, '/stop'))
    letGo()
    await eventually(async () => expect(words((await ana.get(job)).body)).toContain('It was stopped.'))
    expect(excluded()).toBe(1)
    exclusions.gate = async () => {}
    await begin()
    await eventually(() => expect(excluded()).toBe(3))
    expect(exclusions.acts).toEqual(['ana: exclude 3 as test', 'ana: exclude 2 as test'])
  })

  test('ends with its process; another one says what to do', async () => {
    let isStopped = false
    exclusions.exclude = (_, { signal }) =>
      new Promise((_, reject) =>
        signal!.addEventListener('abort', () => {
          isStopped = true
          reject(signal!.reason)
        }),
      )
    const job = await begin()
    const other = await operators.server({ operator: { exclusions } })
    const page = await ana.at(other).get(job)
    expect([page.statusCode, words(page.body)]).toEqual([
      404,
      expect.stringContaining('ask for the same again'),
    ])
    await server.close()
    expect(isStopped).toBe(true)
  })

  test('that fails says why, in words', async () => {
    exclusions.exclude = async () => {
      throw new Error('connection terminated unexpectedly')
    }
    const job = await begin()
    await eventually(async () =>
      expect(words((await ana.get(job)).body)).toContain(
        'It could not be finished Nothing is wrong with your request.',
      ),
    )
  })
})
