import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { isReceipt } from '../../commands/receipt.ts'
import { reviseAllocation } from '../../commands/revise-allocation.ts'
import { withdrawAllocation } from '../../commands/withdraw-allocation.ts'
import { Problem } from '../../errors.ts'
import { type Position, START } from '../../events/event-log.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { traced } from '../trace.ts'
import { readForm } from './form-input.ts'
import { enteredFrom, formView } from './form-view.ts'
import { pollLinks, submissionLink } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { receiptHeldFor, remembered, visitReceipt } from './receipts.ts'
import { type SubmissionInput, submissionView } from './submission-view.ts'
import { render, sendPage } from './views.ts'

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
  const { state: submission, position } = await loadSubmission(scope.context.readersLog, id)
  const poll = await scope.polls.get(submission.poll)
  const fresh = visitReceipt(request) !== undefined
  // The submission itself can be shown without everyone's.
  const aggregate = await everyones(scope, submission.poll, fresh ? position : START).catch(() => undefined)
  const held = receiptHeldFor(request, id)
  const receipt = held !== undefined && isReceipt(held, submission.receiptHash) ? held : undefined
  const isRemembered = remembered(request).some((other) => other.submission === id)
  const input: SubmissionInput = {
    id,
    poll,
    submission,
    position,
    aggregate,
    receipt,
    remembered: isRemembered,
  }
  const view = submissionView(input)
  const links = pollLinks(submission.poll, scope.context.defaultPoll)
  return sendPage(reply, await render('submission', { title: view.heading, links }, view))
}

const PATIENCE_MS = 400
const PAUSE_MS = 40

/** The results, if possible with what the person has just sent in them: the projector needs a moment. */
async function everyones({ context }: PagesScope, poll: string, position: Position): Promise<PollAggregate> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const { aggregate } = await context.results.results(poll)
    if (aggregate.position >= position || Date.now() >= deadline) return aggregate
    await setTimeout(PAUSE_MS)
  }
}

/** A receipt from elsewhere (another device, a piece of paper) opens the owner's buttons. */
const proveOwner: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.commands.log, id)
  const receipt = String((request.body as { receipt?: unknown } | undefined)?.receipt ?? '').trim()
  if (!isReceipt(receipt, state.receiptHash)) throw notYours(id)
  scope.receipts.hold(reply, { submission: id, receipt })
  return reply.redirect(submissionLink(id), 303)
}

const showRevision: Route = async (scope, request, reply) => {
  const { id, state, definition, links } = await owned(scope, request)
  const entered = enteredFrom(state.allocation)
  const input = { entered, allocation: state.allocation, errors: [], remember: false }
  const view = formView({
    definition,
    action: `${submissionLink(id)}/revise`,
    revises: submissionLink(id),
    input,
  })
  return sendPage(reply, await render('form', { title: `Change: ${definition.title}`, links }, view))
}

const revise: Route = async (scope, request, reply) => {
  const { id, receipt, definition, links } = await owned(scope, request)
  const input = readForm(definition, request.body)
  if (input.errors.length > 0) {
    const action = `${submissionLink(id)}/revise`
    const view = formView({ definition, action, revises: submissionLink(id), input })
    const title = `Please check: ${definition.title}`
    return sendPage(reply.code(422), await render('form', { title, links }, view))
  }
  const { allocation } = input
  await reviseAllocation(traced(scope.context.commands, request), { submission: id, receipt, allocation })
  return reply.redirect(submissionLink(id), 303)
}

const withdraw: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined) throw notYours(id)
  await withdrawAllocation(traced(scope.context.commands, request), { submission: id, receipt })
  return reply.redirect(submissionLink(id), 303)
}

/** The submission that this browser may change now. @throws {Problem} saying why not */
async function owned(scope: PagesScope, request: SubmissionRequest) {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.commands.log, id)
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined || !isReceipt(receipt, state.receiptHash)) throw notYours(id)
  const { definition, status } = await scope.polls.get(state.poll)
  if (state.status === 'withdrawn') throw new Problem('SUBMISSION_WITHDRAWN')
  if (state.status === 'excluded') throw new Problem('SUBMISSION_EXCLUDED')
  if (status === 'closed')
    throw new Problem('POLL_CLOSED', { detail: 'Submissions to a closed poll stay as they are.' })
  return { id, state, receipt, definition, links: pollLinks(state.poll, scope.context.defaultPoll) }
}

const notYours = (id: string): Problem =>
  new Problem('WRONG_RECEIPT', { detail: `This browser does not hold the receipt of submission ${id}.` })
