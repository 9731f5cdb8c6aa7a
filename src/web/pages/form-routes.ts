import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { submissionIdFor, submitAllocation } from '../../commands/submit-allocation.ts'
import type { Problem } from '../../errors.ts'
import type { PollSummary } from '../../queries/results.ts'
import { problemHeaders } from '../send-problem.ts'
import { toProblem } from '../to-problem.ts'
import { traced } from '../trace.ts'
import { type FormInput, readForm } from './form-input.ts'
import { isFormToken, issueFormToken, submissionKey } from './form-token.ts'
import { formView } from './form-view.ts'
import { pollLinks, submissionLink } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { type MessageView, renderProblemPage, sendMessage } from './problem-page.ts'
import { render, sendPage } from './views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The form of a poll, and what it sends. */
export function formRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  for (const url of ['/', '/polls/:poll']) {
    fastify.get(url, (request: PollRequest, reply) => showForm(scope, request, reply))
    fastify.post(url, (request: PollRequest, reply) => submitForm(scope, request, reply))
  }
}

async function showForm(scope: PagesScope, request: PollRequest, reply: FastifyReply): Promise<FastifyReply> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  if (poll.status === 'closed') return sendMessage(reply, closedPoll(scope, poll), linksOf(scope, poll))
  return sendForm(scope, reply, poll, { token: issueFormToken(scope.context.secret, poll.definition.poll) })
}

async function submitForm(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  const { poll: name } = poll.definition
  const input = readForm(poll.definition, request.body)
  if (!isFormToken(scope.context.secret, name, input.token))
    return sendForm(scope, reply.code(422), poll, {
      token: issueFormToken(scope.context.secret, name),
      input: { ...input, errors: [outOfDate, ...input.errors] },
    })
  const { token } = input
  // No use in mending a form that nobody takes any more. A valid one may be a repeat: that is found out below.
  if (input.errors.length > 0 && poll.status === 'closed')
    return sendMessage(reply.code(409), closedPoll(scope, poll), linksOf(scope, poll))
  if (input.errors.length > 0) return sendForm(scope, reply.code(422), poll, { token, input })
  try {
    const made = await submitAllocation(traced(scope.context.commands, request), {
      poll: name,
      allocation: input.allocation,
      via: 'form',
      key: submissionKey(token),
    })
    scope.receipts.hold(reply, made)
    if (input.remember) scope.receipts.remember(request, reply, made)
    return reply.redirect(submissionLink(made.submission), 303)
  } catch (error) {
    return refuse(scope, request, reply, { poll, input, token, problem: toProblem(error, request.id) })
  }
}

const outOfDate = {
  code: 'out-of-date',
  message: 'This form was out of date. Please check it and submit it again.',
}

interface Refusal {
  readonly poll: PollSummary
  readonly input: FormInput
  readonly token: string
  readonly problem: Problem
}

/** Answers a refused submission, with what was entered wherever sending it again can help. */
function refuse(
  scope: PagesScope,
  request: FastifyRequest,
  reply: FastifyReply,
  { poll, input, token, problem }: Refusal,
): Promise<FastifyReply> {
  const links = linksOf(scope, poll)
  if (problem.code === 'POLL_CLOSED') return sendMessage(reply.code(409), closedPoll(scope, poll), links)
  if (problem.code === 'IDEMPOTENCY_KEY_REUSED') {
    const submission = submissionIdFor(poll.definition.poll, submissionKey(token))
    return sendMessage(reply.code(409), alreadySubmitted(submission, links.form), links)
  }
  if (problem.code === 'INVALID_ALLOCATION')
    return sendForm(scope, reply.code(422), poll, { token, input: { ...input, errors: problem.errors } })
  if (problem.status < 500) return renderProblemPage(reply, problem, { links })
  request.log.error({ err: problem.cause ?? problem }, 'a submission from the form could not be stored')
  const trouble =
    'Your split could not be stored just now. Nothing you entered is lost: please submit again in a moment. It will be counted once, however often you send it.'
  return sendForm(scope, problemHeaders(reply, problem), poll, { token, input, trouble })
}

const linksOf = ({ context }: PagesScope, { definition }: PollSummary) =>
  pollLinks(definition.poll, context.defaultPoll)

async function sendForm(
  scope: PagesScope,
  reply: FastifyReply,
  poll: PollSummary,
  filled: { token: string; input?: FormInput; trouble?: string },
): Promise<FastifyReply> {
  const { definition } = poll
  const links = linksOf(scope, poll)
  const title = filled.input?.errors.length ? `Please check: ${definition.title}` : definition.title
  const view = formView({ definition, action: links.form, ...filled })
  return sendPage(reply, await render('form', { title, links, current: 'form' }, view))
}

const closedPoll = (scope: PagesScope, poll: PollSummary): MessageView => ({
  heading: 'This poll is closed',
  text: [
    `“${poll.definition.title}” takes no more submissions. What was submitted while it was open stays in the results.`,
  ],
  actions: [{ href: linksOf(scope, poll).results, label: 'See the results' }],
})

const alreadySubmitted = (submission: string, form: string): MessageView => ({
  heading: 'You have already submitted this form',
  text: [
    'It was stored with the shares of the first time; what you changed since then was not.',
    'You can change your submission on its own page, as long as this browser holds its receipt.',
  ],
  actions: [
    { href: submissionLink(submission), label: 'Go to your submission' },
    { href: form, label: 'Start a new form' },
  ],
})
