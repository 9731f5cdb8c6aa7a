import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Problem } from '../../errors.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { answerError } from '../error-handlers.ts'
import { localeOf } from '../locale.ts'
import { toProblem } from '../to-problem.ts'
import { assetRoutes } from './asset-routes.ts'
import { pagesVersion } from './assets.ts'
import { formRoutes } from './form-routes.ts'
import { FormVisits } from './form-visit.ts'
import { historyRoutes } from './history-routes.ts'
import { ownSubmissionRoutes } from './own-submission-routes.ts'
import { PageProblem } from './page-problem.ts'
import { Painter } from './pictures/painter.ts'
import { pictureRoutes } from './pictures/picture-routes.ts'
import { PollMemory } from './poll-memory.ts'
import { type MessageView, renderProblemPage } from './problem-page.ts'
import { proseRoutes } from './prose-routes.ts'
import { receiptRoutes } from './receipt-routes.ts'
import { ReceiptCookies } from './receipts.ts'
import { resultsRoutes } from './results-routes.ts'
import { securityHeaders, transportSecurity } from './security-headers.ts'
import { sharingRoutes } from './sharing/sharing-routes.ts'
import { submissionRoutes } from './submission-routes.ts'
import { trendsRoutes } from './trends-routes.ts'

/** What every route of the pages works with. */
export interface PagesScope {
  readonly context: WebContext
  readonly polls: PollMemory
  readonly receipts: ReceiptCookies
  readonly visits: FormVisits
  /** Changes whenever a page may look different at the same position: part of the pages' ETag. */
  readonly version: string
}

/** The pages for people. Everything they need is registered in their own scope: the API does not pay for it. */
export const pages: FastifyPluginAsync<{ context: WebContext }> = async (fastify, { context }) => {
  const scope: PagesScope = {
    context,
    polls: new PollMemory(context),
    receipts: new ReceiptCookies(context.publicUrl),
    visits: new FormVisits(context),
    version: `${pagesVersion}.${context.pollTexts.version}`,
  }
  fastify.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id)
    const help = { ...resendable(request, problem), ...wayBack(request, problem) }
    if (Object.keys(help).length === 0) return answerError(error, request, reply)
    if (problem.status >= 500)
      request.log.error({ req: request, err: error }, 'a form could not be dealt with')
    return renderProblemPage(reply, problem, help)
  })
  const headers = { ...securityHeaders, ...transportSecurity(context.publicUrl) }
  fastify.addHook('onRequest', async (request, reply) => {
    // Private unless a route says otherwise: forms carry tokens.
    reply.headers({ ...headers, 'cache-control': neverStored })
    refuseOtherSites(request)
  })
  await fastify.register(compress, { encodings: ['br', 'gzip'] })
  await fastify.register(cookie)
  await fastify.register(formbody, { bodyLimit: 64 * 1024 })
  assetRoutes(fastify)
  formRoutes(fastify, scope)
  submissionRoutes(fastify, scope)
  ownSubmissionRoutes(fastify, scope)
  receiptRoutes(fastify, scope)
  resultsRoutes(fastify, scope)
  trendsRoutes(fastify, scope)
  historyRoutes(fastify, scope)
  proseRoutes(fastify, scope)
  const painter = new Painter()
  fastify.addHook('onClose', () => painter.close())
  pictureRoutes(fastify, scope, painter)
  sharingRoutes(fastify, scope, painter)
}

/** What was sent in vain, to be sent again with one press: for a page that cannot show the form itself. */
function resendable(request: FastifyRequest, problem: Problem): { resend?: MessageView['resend'] & object } {
  if (request.method !== 'POST' || problem.status < 500) return {}
  const fields = Object.entries((request.body ?? {}) as Record<string, unknown>)
    .filter((field): field is [string, string] => typeof field[1] === 'string')
    .slice(0, 200)
  return { resend: { action: `${localeOf(request).base}${request.url.replace(/\?.*/, '')}`, fields } }
}

/** A wrong receipt is entered again on the submission's own page; from a moment that is none one goes back to now. */
function wayBack(request: FastifyRequest, problem: Problem): { back?: string } {
  const { method, url } = request
  const path = url.replace(/\?.*/, '')
  const isThere = problem.code !== 'POLL_NOT_FOUND' || problem.facts.moment !== undefined
  const isPast = method === 'GET' && path !== url && problem.status < 500 && isThere
  const back =
    /^\/submissions\/[\w-]+/.exec(path)?.[0] ?? (isPast && path.endsWith('/results') ? path : undefined)
  const isOwners = problem.code === 'WRONG_RECEIPT' || (method === 'POST' && path.endsWith('/withdraw'))
  if (back === undefined || (!isOwners && !isPast)) return {}
  return { back: `${localeOf(request).base}${back}` }
}

/** Browsers say when another site's page sends a form: nobody shall submit, or make a device forget, unknowingly. */
function refuseOtherSites({ method, headers }: FastifyRequest): void {
  if (method === 'POST' && headers['sec-fetch-site'] === 'cross-site')
    throw new PageProblem('MALFORMED_REQUEST', ({ problems }) => problems.otherSite)
}
