import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { isReceipt } from '../../commands/receipt.ts'
import { reviseAllocation } from '../../commands/revise-allocation.ts'
import { withdrawAllocation } from '../../commands/withdraw-allocation.ts'
import { Problem } from '../../errors.ts'
import { type Position, START } from '../../events/event-log.ts'
import type { Answer } from '../../queries/results.ts'
import { localeOf } from '../locale.ts'
import { submissionAt } from '../moment.ts'
import { permanentQuery } from '../permanent-link.ts'
import { traced } from '../trace.ts'
import { whileConnected } from '../while-connected.ts'
import { type FormInput, readForm } from './form-input.ts'
import { enteredFrom, formView } from './form-view.ts'
import { addressOf, frameOf, type PageFrame } from './frame.ts'
import { submissionLink } from './links.ts'
import { livePart } from './live-part.ts'
import { momentOf, momentView } from './moment-form.ts'
import { PageProblem } from './page-problem.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { receiptHeldFor, remembered, visitReceipt } from './receipts.ts'
import { type SubmissionInput, submissionView } from './submission-view.ts'
import { sendPage } from './views.ts'

type SubmissionRequest = FastifyRequest<{ Params: { id: string } }>
type Route = (scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) => Promise<FastifyReply>

/** One submission's page, and what its owner may do there. */
export function submissionRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const run = (route: Route) => (request: SubmissionRequest, reply: FastifyReply) =>
    route(scope, request, reply)
  fastify.get('/submissions/:id', run(showSubmission))
  fastify.post('/submissions/:id/receipt', run(proveOwner))
  fastify.get('/submissions/:id/revise', run(showRevision))
  fastify.post('/submissions/:id/revise', run(revise))
  fastify.post('/submissions/:id/withdraw', run(withdraw))
}

const showSubmission: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const { context } = scope
  const moment = momentOf(request.query, context.commands.now)
  const { state: submission, position } = await submissionAt(context, id, moment)
  const locale = localeOf(request)
  const poll = pollPage(scope, locale, await scope.polls.get(submission.poll))
  const fresh = visitReceipt(request, id) !== undefined
  const asking = moment
    ? context.results.results(submission.poll, { ...moment, signal: whileConnected(reply) })
    : currentResults(scope, submission.poll, fresh ? position : START)
  // The submission itself can be shown without everyone's.
  const answer = await asking.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'POSITION_NOT_FOUND') throw error
    return undefined
  })
  const held = receiptHeldFor(request, id)
  const receipt = held !== undefined && isReceipt(held, submission.receiptHash) ? held : undefined
  const isRemembered = remembered(request).some((other) => other.submission === id)
  const path = submissionLink(locale, id)
  const everyones = answer?.aggregate
  const last = everyones && everyones.position >= position ? everyones : { position }
  const permanent = path + permanentQuery(last, moment?.asOf)
  const view = momentView(path, moment, { permanent, publicUrl: context.publicUrl })
  const input: SubmissionInput = {
    id,
    path,
    poll,
    submission,
    position,
    aggregate: everyones,
    receipt,
    remembered: isRemembered,
    moment: view,
    live: livePart(scope, submission.poll, view),
  }
  const shown = submissionView(input)
  const frame = frameFor(request, poll, shown.whose.heading, moment ? [] : ['live.js'])
  return sendPage(reply, 'submission', frame, shown)
}

const PATIENCE_MS = 400
const PAUSE_MS = 40

/** The results, if possible with what the person has just sent in them: the projector needs a moment. */
async function currentResults({ context }: PagesScope, poll: string, position: Position): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await context.results.results(poll)
    if (answer.aggregate.position >= position || Date.now() >= deadline) return answer
    await setTimeout(PAUSE_MS)
  }
}

/** A receipt from elsewhere (another device, a piece of paper) opens the owner's buttons. */
const proveOwner: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.commands.log, id)
  const receipt = String((request.body as { receipt?: unknown } | undefined)?.receipt ?? '').trim()
  if (!isReceipt(receipt, state.receiptHash)) throw notYours(id)
  scope.receipts.hold(request, reply, { submission: id, receipt })
  return reply.redirect(submissionLink(localeOf(request), id), 303)
}

const showRevision: Route = async (scope, request, reply) => {
  const { id, state, page } = await owned(scope, request)
  const entered = enteredFrom(state.allocation, page.locale)
  const input = { entered, allocation: state.allocation, errors: [], remember: false }
  const title = page.locale.words.form.change(page.definition.title)
  return sendRevision(request, reply, { id, page, input, title })
}

const revise: Route = async (scope, request, reply) => {
  const { id, receipt, page } = await owned(scope, request)
  const { definition, locale } = page
  const input = readForm(definition, request.body, locale.words)
  if (input.errors.length > 0) {
    const title = locale.words.form.pleaseCheck(definition.title)
    return sendRevision(request, reply.code(422), { id, page, input, title })
  }
  const { allocation } = input
  await reviseAllocation(traced(scope.context.commands, request), { submission: id, receipt, allocation })
  return reply.redirect(submissionLink(locale, id), 303)
}

interface Revision {
  readonly id: string
  readonly page: PollPage
  readonly input: Pick<FormInput, 'entered' | 'allocation' | 'errors' | 'remember'>
  readonly title: string
}

function sendRevision(
  request: SubmissionRequest,
  reply: FastifyReply,
  { id, page, input, title }: Revision,
): Promise<FastifyReply> {
  const { definition, locale } = page
  const revises = submissionLink(locale, id)
  const view = formView({ locale, definition, action: `${revises}/revise`, revises, input })
  return sendPage(reply, 'form', frameFor(request, page, title, ['form.js']), view)
}

/** None of these pages is for search engines. */
const frameFor = (
  request: SubmissionRequest,
  { locale, links, lang }: PollPage,
  title: string,
  scripts: readonly string[] = [],
): PageFrame => frameOf({ locale, links, pollLang: lang, title, scripts, address: addressOf(request) })

const withdraw: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined) throw notYours(id)
  await withdrawAllocation(traced(scope.context.commands, request), { submission: id, receipt })
  return reply.redirect(submissionLink(localeOf(request), id), 303)
}

/** The submission that this browser may change now. @throws {Problem} saying why not */
async function owned(scope: PagesScope, request: SubmissionRequest) {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.commands.log, id)
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined || !isReceipt(receipt, state.receiptHash)) throw notYours(id)
  const page = pollPage(scope, localeOf(request), await scope.polls.get(state.poll))
  if (state.status === 'withdrawn') throw new Problem('SUBMISSION_WITHDRAWN')
  if (state.status === 'excluded') throw new Problem('SUBMISSION_EXCLUDED')
  if (page.status === 'closed') throw new PageProblem('POLL_CLOSED', ({ problems }) => problems.closedStays)
  return { id, state, receipt, page }
}

const notYours = (id: string): Problem =>
  new PageProblem('WRONG_RECEIPT', ({ problems }) => problems.notYours(id))
