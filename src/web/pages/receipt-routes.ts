import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { isReceipt } from '../../commands/receipt.ts'
import { localeOf } from '../locale.ts'
import { addressOf, frameOf } from './frame.ts'
import { privateLink, submissionLink } from './links.ts'
import { notYours } from './own-submission-routes.ts'
import type { PagesScope } from './plugin.ts'
import { pollPage } from './poll-page.ts'
import { receiptHeldFor } from './receipts.ts'
import { sendPage } from './views.ts'

type SubmissionRequest = FastifyRequest<{ Params: { id: string } }>

/** The page that asks for a submission's receipt. */
export interface ReceiptPageView {
  /** Address of the submission. */
  readonly path: string
  readonly pollTitle: string
}

/** Where a receipt is brought to from elsewhere, and how it is taken along. */
export function receiptRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  fastify.get('/submissions/:id/receipt', (request: SubmissionRequest, reply) =>
    askForReceipt(scope, request, reply),
  )
  fastify.post('/submissions/:id/receipt', (request: SubmissionRequest, reply) =>
    proveOwner(scope, request, reply),
  )
  fastify.get('/submissions/:id/receipt.txt', (request: SubmissionRequest, reply) =>
    saveReceipt(scope, request, reply),
  )
}

/** What is behind a # never reaches a server or its logs: a script takes the receipt from there, or people paste it. */
async function askForReceipt(scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.readersLog, id)
  const { locale, links, lang, definition } = pollPage(
    scope,
    localeOf(request),
    await scope.polls.get(state.poll),
  )
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, scripts: ['receipt.js'] },
    title: locale.words.receipt.heading,
    address: addressOf(request),
  })
  return sendPage(reply, 'receipt', frame, { path: submissionLink(locale, id), pollTitle: definition.title })
}

/** A receipt from elsewhere (another device, a piece of paper) opens the owner's buttons. */
async function proveOwner(scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.commands.log, id)
  const receipt = String((request.body as { receipt?: unknown } | undefined)?.receipt ?? '').trim()
  if (!isReceipt(receipt, state.receiptHash)) throw notYours(id)
  scope.receipts.hold(request, reply, { submission: id, receipt })
  return reply.redirect(submissionLink(localeOf(request), id), 303)
}

async function saveReceipt(scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) {
  const id = request.params.id.toLowerCase()
  const { state } = await loadSubmission(scope.context.readersLog, id)
  const receipt = receiptHeldFor(request, id)
  if (receipt === undefined || !isReceipt(receipt, state.receiptHash)) throw notYours(id)
  const { locale, definition } = pollPage(scope, localeOf(request), await scope.polls.get(state.poll))
  const { receipt: words } = locale.words
  const path = scope.context.publicUrl + submissionLink(locale, id)
  const lines = words.file({
    ...{ poll: definition.title, submission: id, instant: state.submittedAt, receipt },
    ...{ page: path, link: privateLink(path, receipt) },
  })
  return reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="${words.fileName(id)}"`)
    .send(lines.join('\r\n'))
}
