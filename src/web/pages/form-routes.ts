import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { submissionIdFor, submitAllocation } from '../../commands/submit-allocation.ts'
import type { Problem } from '../../errors.ts'
import { type Locale, localeOf } from '../locale.ts'
import { problemHeaders } from '../send-problem.ts'
import { toProblem } from '../to-problem.ts'
import { traced } from '../trace.ts'
import { type FormInput, readForm } from './form-input.ts'
import { isFormToken, issueFormToken, submissionKey } from './form-token.ts'
import { formView } from './form-view.ts'
import { addressOf, frameOf } from './frame.ts'
import { submissionLink } from './links.ts'
import { formAlt } from './pictures/picture-alts.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { renderProblemPage, sendMessage } from './problem-page.ts'
import { pollPicture } from './sharing/sharing-links.ts'
import { sendPage } from './views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The form of a poll, and what it sends. */
export function formRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  for (const url of ['/', '/polls/:poll']) {
    fastify.get(url, (request: PollRequest, reply) => showForm(scope, request, reply))
    fastify.post(url, (request: PollRequest, reply) => submitForm(scope, request, reply))
  }
}

async function pageOf(scope: PagesScope, request: PollRequest): Promise<PollPage> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  return pollPage(scope, localeOf(request), poll)
}

async function showForm(scope: PagesScope, request: PollRequest, reply: FastifyReply): Promise<FastifyReply> {
  const page = await pageOf(scope, request)
  if (page.status === 'closed') return sendClosed(reply, page)
  return sendForm(scope, reply, page, { token: issueFormToken(scope.context.secret, page.definition.poll) })
}

async function submitForm(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const page = await pageOf(scope, request)
  const { definition, status, locale } = page
  const { poll: name } = definition
  const input = readForm(definition, request.body, locale.words)
  if (!isFormToken(scope.context.secret, name, input.token))
    return sendForm(scope, reply.code(422), page, {
      token: issueFormToken(scope.context.secret, name),
      input: { ...input, errors: [outOfDate(locale), ...input.errors] },
    })
  const { token } = input
  // No use in mending a form that nobody takes any more. A valid one may be a repeat: that is found out below.
  if (input.errors.length > 0 && status === 'closed') return sendClosed(reply.code(409), page)
  if (input.errors.length > 0) return sendForm(scope, reply.code(422), page, { token, input })
  try {
    const made = await submitAllocation(traced(scope.context.commands, request), {
      poll: name,
      allocation: input.allocation,
      via: 'form',
      key: submissionKey(token),
    })
    scope.receipts.hold(request, reply, made)
    if (input.remember) scope.receipts.remember(request, reply, made)
    return reply.redirect(submissionLink(locale, made.submission), 303)
  } catch (error) {
    return refuse(scope, reply, { page, input, token, problem: toProblem(error, request.id) })
  }
}

const outOfDate = ({ words }: Locale) => ({ code: 'out-of-date', message: words.form.outOfDate })

interface Refusal {
  readonly page: PollPage
  readonly input: FormInput
  readonly token: string
  readonly problem: Problem
}

/** Answers a refused submission, with what was entered wherever sending it again can help. */
function refuse(
  scope: PagesScope,
  reply: FastifyReply,
  { page, input, token, problem }: Refusal,
): Promise<FastifyReply> {
  const { words } = page.locale
  if (problem.code === 'POLL_CLOSED') return sendClosed(reply.code(409), page)
  if (problem.code === 'IDEMPOTENCY_KEY_REUSED') {
    const submission = submissionIdFor(page.definition.poll, submissionKey(token))
    return sendAlreadySent(reply.code(409), page, submission)
  }
  if (problem.code === 'INVALID_ALLOCATION') {
    // Every mistake that a person can make is found before. The command's own words are for programs.
    const errors = [{ code: 'refused', message: words.form.refused }]
    return sendForm(scope, reply.code(422), page, { token, input: { ...input, errors } })
  }
  if (problem.status < 500) return renderProblemPage(reply, problem, { links: page.links })
  reply.request.log.error({ err: problem.cause ?? problem }, 'a submission from the form could not be stored')
  const trouble = words.form.notStoredText
  return sendForm(scope, problemHeaders(reply, problem), page, { token, input, trouble })
}

async function sendForm(
  scope: PagesScope,
  reply: FastifyReply,
  page: PollPage,
  filled: { token: string; input?: FormInput; trouble?: string },
): Promise<FastifyReply> {
  const { definition, locale, links, lang } = page
  const { form: words } = locale.words
  const hasMistakes = filled.input !== undefined && filled.input.errors.length > 0
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, current: 'form', scripts: ['form.js'] },
    title: hasMistakes ? words.pleaseCheck(definition.title) : definition.title,
    description: words.description(definition.categories.length),
    address: addressOf(reply.request),
    listedAt: scope.context.publicUrl,
    openGraph: {
      image: scope.context.publicUrl + pollPicture(locale, definition.poll, 'form'),
      imageAlt: formAlt(page),
    },
  })
  return sendPage(reply, 'form', frame, formView({ locale, definition, action: links.form, ...filled }))
}

function sendClosed(reply: FastifyReply, { definition, locale, links }: PollPage): Promise<FastifyReply> {
  const { common, form } = locale.words
  const view = {
    heading: form.closed,
    text: [form.closedText(definition.title)],
    actions: [{ href: links.results, label: common.seeResults }],
  }
  return sendMessage(reply, view, links)
}

function sendAlreadySent(reply: FastifyReply, page: PollPage, submission: string): Promise<FastifyReply> {
  const { locale, links } = page
  const { form } = locale.words
  const view = {
    heading: form.alreadySent,
    text: form.alreadySentText,
    actions: [
      { href: submissionLink(locale, submission), label: form.goToSubmission },
      { href: links.form, label: form.startAnew },
    ],
  }
  return sendMessage(reply, view, links)
}
