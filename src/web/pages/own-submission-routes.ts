import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { isReceipt } from '../../commands/receipt.ts'
import { reviseAllocation } from '../../commands/revise-allocation.ts'
import { withdrawAllocation } from '../../commands/withdraw-allocation.ts'
import { Problem } from '../../errors.ts'
import { localeOf } from '../locale.ts'
import { traced } from '../trace.ts'
import { actionsOf, buttonOf } from './form-actions.ts'
import { draft } from './form-draft.ts'
import { type FormInput, readForm } from './form-input.ts'
import { orderFor } from './form-order.ts'
import { issueToken, isToken, ownersPurpose } from './form-token.ts'
import { emptyInput, enteredFrom, type FormOptions, formView } from './form-view.ts'
import { addressOf, frameOf, type PageFrame } from './frame.ts'
import { submissionLink } from './links.ts'
import { PageProblem } from './page-problem.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { receiptHeldFor } from './receipts.ts'
import { reviewView } from './review-view.ts'
import { sendPage } from './views.ts'

type SubmissionRequest = FastifyRequest<{ Params: { id: string } }>
type Route = (scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) => Promise<FastifyReply>

/** What the holder of a submission's receipt may do with it. */
export function ownSubmissionRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const run = (route: Route) => (request: SubmissionRequest, reply: FastifyReply) =>
    route(scope, request, reply)
  fastify.get('/submissions/:id/revise', run(showRevision))
  fastify.post('/submissions/:id/revise', run(revise))
  fastify.post('/submissions/:id/revise/review', run(reviewRevision))
  fastify.post('/submissions/:id/revise/edit', run(editRevision))
  for (const path of ['/submissions/:id/revise/review', '/submissions/:id/revise/edit'])
    fastify.get(
      path,
      run(async (_, request, reply) => reply.redirect(`${addressOfSubmission(request)}/revise`, 303)),
    )
  fastify.post('/submissions/:id/withdraw', run(withdraw))
}

const addressOfSubmission = (request: SubmissionRequest): string =>
  submissionLink(localeOf(request), request.params.id.toLowerCase())

const showRevision: Route = async (scope, request, reply) => {
  const own = await owned(scope, request)
  const { allocation } = own.state
  return sendRevision(scope, request, reply, own, {
    input: emptyInput(enteredFrom(allocation, own.page.locale), allocation),
    title: own.page.locale.words.form.change(own.page.definition.title),
  })
}

const revise: Route = async (scope, request, reply) => {
  const own = await owned(scope, request)
  const { id, receipt, page, state } = own
  const input = readForm(page.definition, request.body, page.locale.words)
  const { allocation } = input
  const isRepeat = input.errors.length === 0 && isDeepStrictEqual(allocation, state.allocation)
  if (isRepeat) return reply.redirect(submissionLink(page.locale, id), 303)
  const { secret } = scope.context
  const errors = isToken(secret, ownersPurpose('revise', id, own.revision), input.token)
    ? input.errors
    : [{ code: 'out-of-date', message: page.locale.words.form.changedMeanwhile }, ...input.errors]
  if (errors.length > 0) return refuseRevision(scope, request, reply, own, { ...input, errors })
  await reviseAllocation(traced(scope.context.commands, request), { submission: id, receipt, allocation })
  return reply.redirect(submissionLink(page.locale, id), 303)
}

const reviewRevision: Route = async (scope, request, reply) => {
  const own = await owned(scope, request)
  const { id, page } = own
  const { definition, locale } = page
  const input = readForm(definition, request.body, locale.words)
  if (input.errors.length > 0) return refuseRevision(scope, request, reply, own, input)
  const path = submissionLink(locale, id)
  const view = reviewView({
    ...{ locale, definition, input, result: path, revises: path },
    actions: actionsOf(`${path}/revise`),
    // The form's own, so that a change that came in between is noticed. What comes from elsewhere has none yet.
    token: typeof input.token === 'string' ? input.token : freshToken(scope, own),
    order: orderFor(id, definition.categories.length),
  })
  return sendPage(
    reply,
    'review',
    frameFor(request, page, locale.words.review.title(definition.title), 'review.js'),
    view,
  )
}

const editRevision: Route = async (scope, request, reply) => {
  const own = await owned(scope, request)
  const { definition, locale } = own.page
  const order = orderFor(own.id, definition.categories.length)
  const { act, into } = buttonOf(request.body)
  const sent = readForm(definition, request.body, locale.words)
  const { input, notice } = draft({ locale, definition, order }, sent, act, into)
  const title = locale.words.form.change(definition.title)
  return sendRevision(scope, request, reply, own, {
    input: { ...input, errors: [] },
    ...{ title, notice, into, sent: true },
    token: typeof input.token === 'string' ? input.token : undefined,
  })
}

const refuseRevision = (
  scope: PagesScope,
  request: SubmissionRequest,
  reply: FastifyReply,
  own: Owned,
  input: FormInput,
): Promise<FastifyReply> => {
  const title = own.page.locale.words.form.pleaseCheck(own.page.definition.title)
  return sendRevision(scope, request, reply.code(422), own, { input, title, sent: true })
}

interface Revision extends Pick<FormOptions, 'sent' | 'notice' | 'into'> {
  readonly input: FormInput
  readonly title: string
  /** The form's own so far; a fresh one where whoever sends it next knows how the submission stands now. */
  readonly token?: string | undefined
}

function sendRevision(
  scope: PagesScope,
  request: SubmissionRequest,
  reply: FastifyReply,
  own: Owned,
  { title, token, ...filled }: Revision,
): Promise<FastifyReply> {
  const { definition, locale } = own.page
  const revises = submissionLink(locale, own.id)
  const view = formView({
    ...{ locale, definition, revises, ...filled },
    stored: own.state.allocation,
    actions: actionsOf(`${revises}/revise`),
    token: token ?? freshToken(scope, own),
    order: orderFor(own.id, definition.categories.length),
  })
  return sendPage(reply, 'form', frameFor(request, own.page, title, 'form.js'), view)
}

const freshToken = ({ context }: PagesScope, { id, revision }: Owned): string =>
  issueToken(context.secret, ownersPurpose('revise', id, revision))

/** None of these pages is for search engines. */
const frameFor = (
  request: SubmissionRequest,
  { locale, links, lang }: PollPage,
  title: string,
  script: string,
): PageFrame =>
  frameOf({ locale, links, pollLang: lang, title, scripts: [script], address: addressOf(request) })

const withdraw: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined) throw notYours(id)
  const { commands, secret } = scope.context
  const { state, revision } = await loadSubmission(commands.log, id)
  const { token } = (request.body ?? {}) as { token?: unknown }
  if (state.status !== 'withdrawn' && !isToken(secret, ownersPurpose('withdraw', id, revision), token))
    throw new PageProblem('MALFORMED_REQUEST', ({ problems }) => problems.changedMeanwhile)
  await withdrawAllocation(traced(commands, request), { submission: id, receipt })
  return reply.redirect(submissionLink(localeOf(request), id), 303)
}

type Owned = Awaited<ReturnType<typeof owned>>

/** The submission that this browser may change now. @throws {Problem} saying why not */
async function owned(scope: PagesScope, request: SubmissionRequest) {
  const id = request.params.id.toLowerCase()
  const { state, revision } = await loadSubmission(scope.context.commands.log, id)
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined || !isReceipt(receipt, state.receiptHash)) throw notYours(id)
  const page = pollPage(scope, localeOf(request), await scope.polls.get(state.poll))
  if (state.status === 'withdrawn') throw new Problem('SUBMISSION_WITHDRAWN')
  if (state.status === 'excluded') throw new Problem('SUBMISSION_EXCLUDED')
  if (page.status === 'closed') throw new PageProblem('POLL_CLOSED', ({ problems }) => problems.closedStays)
  return { id, state, revision, receipt, page }
}

export const notYours = (id: string): Problem =>
  new PageProblem('WRONG_RECEIPT', ({ problems }) => problems.notYours(id))
