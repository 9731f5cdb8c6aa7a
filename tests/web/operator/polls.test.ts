import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pollStream } from '../../../src/events/poll-events.ts'
import { eventually } from '../../support/eventually.ts'
import {
  ANAS_TOKEN,
  type OperatorService,
  startOperatorService,
} from '../../support/operator/operator-service.ts'
import { formIn, words } from '../person.ts'
import { OperatorPerson } from './person.ts'

const POLLS = '/operator/polls'
const federal = JSON.parse(readFileSync('polls/us-federal.json', 'utf8'))

let operators: OperatorService
let server: FastifyInstance
let ana: OperatorPerson

beforeAll(async () => {
  operators = await startOperatorService()
  server = await operators.server()
  ana = new OperatorPerson(server)
  await ana.signIn(ANAS_TOKEN)
})
afterAll(() => operators.close())

const form = async () => formIn((await ana.get(POLLS)).body, '/check').fields.get('form')!

/** Sends the form as browsers send a file. */
async function check(file: string, definition = '') {
  const body = new FormData()
  body.set('form', await form())
  body.set('definition', definition)
  body.set('file', new File([file], 'poll.json', { type: 'application/json' }))
  const request = new Request('http://localhost/', { method: 'POST', body })
  return server.inject({
    ...{ method: 'POST', url: `${POLLS}/check`, payload: Buffer.from(await request.arrayBuffer()) },
    headers: {
      'content-type': request.headers.get('content-type')!,
      cookie: [...ana.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    },
  })
}

const statusOf = async (poll: string) => (await operators.service.services.commands.polls.get(poll)).status
const lastEvent = async (poll: string) =>
  (await operators.service.services.commands.log.readStream(pollStream(poll))).at(-1)!

describe('a poll', () => {
  test.each([
    ['uploaded', 'town-one', (text: string) => check(text)],
    ['pasted', 'town-two', (text: string) => check('', text)],
    ['uploaded with the mark that editors leave', 'town-three', (text: string) => check(`\ufeff${text}`)],
  ])('%s is shown, then opened, with its operator’s label', async (_, poll, send) => {
    const page = await send(JSON.stringify({ ...federal, poll, title: 'What should our town do?' }))
    expect([page.statusCode, words(page.body)]).toEqual([
      200,
      expect.stringContaining('Medicare, Medicaid, health insurance subsidies, public health'),
    ])
    const told = await ana.follow(await ana.send(formIn(page.body, POLLS)))
    expect(words(told.body)).toContain('The poll “What should our town do?” is open.')
    expect(await statusOf(poll)).toBe('open')
    expect(await lastEvent(poll)).toMatchObject({ type: 'PollOpened', metadata: { operator: 'ana' } })
    await eventually(async () => expect(words((await ana.get(POLLS)).body)).toContain(`open ${poll} ·`))
  })

  test('is closed and reopened, each after a question', async () => {
    const closed = await ana.act(`${POLLS}/us-federal/close`)
    expect(words(closed.body)).toContain('is closed.')
    expect(words(closed.body)).toContain('closed us-federal')
    expect(await lastEvent('us-federal')).toMatchObject({ type: 'PollClosed', data: { by: 'ana' } })
    const again = await ana.get(`${POLLS}/us-federal/close`)
    expect([again.statusCode, again.headers.location]).toEqual([303, POLLS])
    await ana.act(`${POLLS}/us-federal/reopen`)
    expect(await statusOf('us-federal')).toBe('open')
  })

  test('that somebody has reopened is not closed by an old page', async () => {
    const other = await operators.server()
    const old = formIn((await ana.get(`${POLLS}/us-federal/close`)).body, '/close')
    await ana.send(old)
    const away = ana.at(other)
    expect(words((await away.follow(await away.send(old))).body)).toContain(
      'Your page showed: the poll us-federal is open. By now it is: the poll us-federal is closed.',
    )
    await ana.act(`${POLLS}/us-federal/reopen`)
  })
})

describe('what is no poll', () => {
  test.each([
    ['is not JSON', '{', 'This is not JSON'],
    ['is empty', ' ', 'Choose a poll file, or paste what is in one.'],
    ['has mistakes', JSON.stringify({ ...federal, step: 3, poll: 'Big Town' }), 'step: must divide 10 000'],
  ])('because it %s is told so, and kept to be corrected', async (_, text, message) => {
    const page = await check('', text)
    expect([page.statusCode, words(page.body)]).toEqual([422, expect.stringContaining(message)])
    if (text.trim() !== '') expect(formIn(page.body, '/check').fields.has('form')).toBe(true)
  })

  test('because there is another of its name is refused', async () => {
    const page = await check(JSON.stringify({ ...federal, title: 'Another question' }))
    expect(words(page.body)).toContain('This poll exists')
    const told = await ana.follow(await ana.send(formIn(page.body, POLLS)))
    expect(words(told.body)).toContain('Not done: there is a poll of this name with other contents')
  })

  test('because it is far too large is refused', async () => {
    expect((await check('x'.repeat(300_000))).statusCode).toBe(413)
  })

  test('is not even looked at without the form of the session', async () => {
    const answer = await ana.post(`${POLLS}/check`, [['definition', JSON.stringify(federal)]])
    expect(answer.statusCode).toBe(400)
  })
})
