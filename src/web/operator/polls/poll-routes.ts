import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import type { PollSummary } from '../../../queries/results.ts'
import { requireSeen } from '../acts/actor.ts'
import type { Console } from '../console.ts'
import { readPollText } from './poll-text.ts'
import { pollsView } from './polls-view.ts'

const LIST = '/operator/polls'

type PollRequest = FastifyRequest<{ Params: { poll: string } }>

/** Polls: opened from a file, closed, reopened. */
export function pollRoutes(fastify: FastifyInstance, console: Console): void {
  const { polls } = console.context
  fastify.get(LIST, (request, reply) => showPolls(console, request, reply))
  fastify.post(`${LIST}/check`, (request, reply) => checkPoll(console, request, reply))
  fastify.post(LIST, (request, reply) =>
    console.act(request, reply, {
      name: 'polls open',
      next: LIST,
      run: async (by) => {
        const read = readPollText(textOf(request))
        if ('errors' in read) throw new Problem('INVALID_REQUEST', { detail: read.errors.join(' ') })
        const { poll, title } = read.poll
        requireSeen(request, seenName(poll, await statusOf(console, poll)))
        await polls.open(read.poll, by)
        const text = 'It is listed here as soon as the projector has come to it, within a moment.'
        return { heading: `The poll “${title}” is open.`, text }
      },
    }),
  )
  for (const act of ['close', 'reopen'] as const) {
    fastify.get(`${LIST}/:poll/${act}`, async (request: PollRequest, reply) => {
      const found = await polls.get(request.params.poll)
      if (found.status !== fits[act]) return reply.redirect(LIST, 303)
      const view = confirmView(act, found)
      return console.page(request, reply, { name: 'confirm', title: view.heading, current: 'polls', view })
    })
    fastify.post(`${LIST}/:poll/${act}`, (request: PollRequest, reply) =>
      console.act(request, reply, {
        name: `polls ${act}`,
        on: request.params.poll,
        next: LIST,
        run: async (by) => {
          const found = await polls.get(request.params.poll)
          requireSeen(request, seenPoll(found))
          await polls[act](found.definition.poll, by)
          return {
            heading: `The poll “${found.definition.title}” is ${act === 'close' ? 'closed' : 'open again'}.`,
          }
        },
      }),
    )
  }
}

const fits = { close: 'open', reopen: 'closed' } as const

const seenPoll = ({ definition, status }: PollSummary) => `the poll ${definition.poll} is ${status}`
const seenName = (poll: string, status: PollSummary['status'] | undefined) =>
  status === undefined ? `there is no poll ${poll}` : `the poll ${poll} is ${status}`

const confirmView = (act: 'close' | 'reopen', found: PollSummary) => ({
  heading: `${act === 'close' ? 'Close' : 'Reopen'} “${found.definition.title}”?`,
  says:
    act === 'close'
      ? [
          'From then on nobody can submit, change or withdraw. The results stay, with everything that was submitted.',
          'It can be reopened.',
        ]
      : ['People can submit, change and withdraw again. What was submitted before goes on counting.'],
  action: `${LIST}/${found.definition.poll}/${act}`,
  back: LIST,
  seen: seenPoll(found),
  button: act === 'close' ? 'Close the poll' : 'Reopen the poll',
  isDangerous: act === 'close',
  asksPromote: false,
})

/** Shows what would be opened, or what is wrong with it. */
async function checkPoll(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const text = textOf(request)
  const read = readPollText(text)
  if ('errors' in read) return showPolls(console, request, reply.code(422), { text, errors: read.errors })
  const status = await statusOf(console, read.poll.poll)
  const view = {
    definition: read.poll,
    text: JSON.stringify(read.poll),
    isKnown: status !== undefined,
    seen: seenName(read.poll.poll, status),
  }
  return console.page(request, reply, {
    name: 'checked-poll',
    title: 'Open this poll?',
    current: 'polls',
    view,
  })
}

async function showPolls(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  given?: { text: string; errors: readonly string[] },
): Promise<FastifyReply> {
  const view = pollsView(await console.context.polls.list(), given)
  const title = given ? 'Please check: polls' : 'Polls'
  return console.page(request, reply, { name: 'polls', title, current: 'polls', view })
}

/** Open, closed, or undefined where there is none. */
async function statusOf(console: Console, poll: string): Promise<PollSummary['status'] | undefined> {
  try {
    return (await console.context.polls.get(poll)).status
  } catch (error) {
    if (error instanceof Problem && error.code === 'POLL_NOT_FOUND') return undefined
    throw error
  }
}

/** A file that was chosen counts, else what was pasted. */
function textOf({ body }: FastifyRequest): string {
  const { file, definition } = (body ?? {}) as { file?: unknown; definition?: unknown }
  const uploaded = Buffer.isBuffer(file) ? file.toString() : typeof file === 'string' ? file : ''
  const text = uploaded.trim() === '' && typeof definition === 'string' ? definition : uploaded
  // Editors put a mark at the start that JSON does not know.
  return text.replace(/^\ufeff/, '')
}
