import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { receiptOf, submissionIdFor, submitAllocation } from '../../commands/submit-allocation.ts'
import type { Problem } from '../../errors.ts'
import { type Locale, localeOf } from '../locale.ts'
import { problemHeaders } from '../send-problem.ts'
import { toProblem } from '../to-problem.ts'
import { traced } from '../trace.ts'
import { buttonOf } from './form-actions.ts'
import { draft } from './form-draft.ts'
import { type FormInput, readForm } from './form-input.ts'
import { orderFor, shownWith } from './form-order.ts'
import { sendAlreadySent, sendClosed, sendForm, sendReview } from './form-pages.ts'
import { isFormToken, submissionKey } from './form-token.ts'
import { submissionLink } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { renderProblemPage } from './problem-page.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** A form that has been sent, to be stored or only to be shown again. */
interface Sent {
  readonly page: PollPage
  readonly input: FormInput
  /** The form's own token; undefined if it has none that is ours. */
  readonly token: string | undefined
}

type Answer = (
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
  sent: Sent,
) => Promise<FastifyReply>

/** The form of a poll, and what it sends: to be looked at once more, to be changed by a button, to be stored. */
export function formRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  for (const [url, below] of [
    ['/', '/'],
    ['/polls/:poll', '/polls/:poll/'],
  ] as const) {
    fastify.get(url, (request: PollRequest, reply) => showForm(scope, request, reply))
    const answers: [string, Answer][] = [
      [url, submitForm],
      [`${below}review`, reviewForm],
      [`${below}edit`, editForm],
    ]
    for (const [path, answer] of answers)
      fastify.post(path, async (request: PollRequest, reply) =>
        answer(scope, request, reply, await sentForm(scope, request)),
      )
    // Who loads such an address again without what was sent starts at the form.
    for (const path of [`${below}review`, `${below}edit`])
      fastify.get(path, async (request: PollRequest, reply) =>
        reply.redirect((await pageOf(scope, request)).links.form, 303),
      )
  }
}

async function pageOf(scope: PagesScope, request: PollRequest): Promise<PollPage> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  return pollPage(scope, localeOf(request), poll)
}

async function sentForm(scope: PagesScope, request: PollRequest): Promise<Sent> {
  const page = await pageOf(scope, request)
  const { definition, locale } = page
  const input = readForm(definition, request.body, locale.words)
  const isOurs = isFormToken(scope.context.secret, definition.poll, input.token)
  return { page, input, token: isOurs ? (input.token as string) : undefined }
}

async function showForm(scope: PagesScope, request: PollRequest, reply: FastifyReply): Promise<FastifyReply> {
  const page = await pageOf(scope, request)
  if (page.status === 'closed') return sendClosed(reply, page)
  const visit = scope.visits.open(request, reply, page.definition.poll)
  return sendForm(scope, reply, page, { visit, seen: visit.seen })
}

const submitForm: Answer = async (scope, request, reply, { page, input, token }) => {
  const { definition, status, locale } = page
  const { poll } = definition
  if (token === undefined) {
    const errors = [outOfDate(locale), ...input.errors]
    const visit = scope.visits.open(request, reply, poll)
    return sendForm(scope, reply.code(422), page, { visit, input: { ...input, errors }, sent: true })
  }
  // No use in mending a form that nobody takes any more. A valid one may be a repeat: that is found out below.
  if (input.errors.length > 0 && status === 'closed') return sendClosed(reply.code(409), page)
  if (input.errors.length > 0)
    return sendForm(scope, reply.code(422), page, { visit: { token }, input, sent: true })
  try {
    const made = await submitAllocation(traced(scope.context.commands, request), {
      poll,
      allocation: input.allocation,
      via: 'form',
      key: submissionKey(token),
      shown: shownWith(definition, token, input.seen || scope.visits.read(request, poll)?.seen),
    })
    scope.receipts.hold(request, reply, made)
    if (input.remember) scope.receipts.remember(request, reply, made)
    scope.visits.close(request, reply, poll, made.submission)
    return reply.redirect(submissionLink(locale, made.submission), 303)
  } catch (error) {
    return refuse(scope, request, reply, { page, input, token, problem: toProblem(error, request.id) })
  }
}

const outOfDate = ({ words }: Locale) => ({ code: 'out-of-date', message: words.form.outOfDate })

const reviewForm: Answer = async (scope, request, reply, { page, input, token: own }) => {
  const { poll } = page.definition
  if (page.status === 'closed') return sendClosed(reply.code(409), page)
  const visit = scope.visits.open(request, reply, poll)
  const token = own ?? visit.token
  if (submissionIdFor(poll, submissionKey(token)) === visit.submission)
    return sendAlreadySent(reply, page, { submission: visit.submission, input })
  if (input.errors.length > 0)
    return sendForm(scope, reply.code(422), page, { visit: { token }, input, sent: true })
  return sendReview(reply, page, { token, input })
}

const editForm: Answer = async (scope, request, reply, { page, input, token: own }) => {
  const { definition, locale } = page
  if (page.status === 'closed') return sendClosed(reply.code(409), page)
  const token = own ?? scope.visits.open(request, reply, definition.poll).token
  const order = orderFor(token, definition.categories.length)
  const { act, into } = buttonOf(request.body)
  const drafted = draft({ locale, definition, order }, input, act, into)
  return sendForm(scope, reply, page, {
    ...{ visit: { token }, sent: true, into, notice: drafted.notice },
    input: { ...drafted.input, errors: [] },
  })
}

interface Refusal {
  readonly page: PollPage
  readonly input: FormInput
  readonly token: string
  readonly problem: Problem
}

/** Answers a refused submission, with what was entered wherever sending it again can help. */
function refuse(
  scope: PagesScope,
  request: FastifyRequest,
  reply: FastifyReply,
  { page, input, token, problem }: Refusal,
): Promise<FastifyReply> {
  const { words } = page.locale
  const { poll } = page.definition
  if (problem.code === 'POLL_CLOSED') return sendClosed(reply.code(409), page)
  if (problem.code === 'IDEMPOTENCY_KEY_REUSED') {
    // Who has the token is who submitted: the answer with the receipt may never have reached them.
    const made = receiptOf(scope.context.commands, poll, submissionKey(token))
    scope.receipts.hold(request, reply, made)
    scope.visits.close(request, reply, poll, made.submission)
    return sendAlreadySent(reply, page, { submission: made.submission, input })
  }
  const filled = { visit: { token }, sent: true }
  if (problem.code === 'INVALID_ALLOCATION') {
    // Every mistake that a person can make is found before. The command's own words are for programs.
    const errors = [{ code: 'refused', message: words.form.refused }]
    return sendForm(scope, reply.code(422), page, { ...filled, input: { ...input, errors } })
  }
  if (problem.status < 500) return renderProblemPage(reply, problem, { links: page.links })
  request.log.error({ err: problem.cause ?? problem }, 'a submission from the form could not be stored')
  const trouble = words.form.notStoredText
  return sendForm(scope, problemHeaders(reply, problem), page, { ...filled, input, trouble })
}
