import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { problems } from '../../errors.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { securityHeaders, transportSecurity } from '../pages/security-headers.ts'
import { problemHeaders } from '../send-problem.ts'
import { toProblem } from '../to-problem.ts'
import { Console } from './console.ts'
import { exclusionRoutes } from './exclusions/exclusion-routes.ts'
import { requireSession } from './guard.ts'
import { overviewRoutes } from './overview/overview-routes.ts'
import { parkedRoutes } from './parked/parked-routes.ts'
import { pollRoutes } from './polls/poll-routes.ts'
import { projectionRoutes } from './projections/projection-routes.ts'
import { refuseForeignForms } from './same-origin.ts'
import { signInRoutes } from './session/sign-in-routes.ts'
import { renderConsole, sendConsole } from './views.ts'

/** A list of 1,500 submissions, or a poll of a hundred categories with long texts. */
const BODY_LIMIT = 128 * 1024

/** The operators' console below `/operator`. Closed without OPERATOR_TOKEN. */
export const operatorConsole: FastifyPluginAsync<{ context: WebContext }> = async (fastify, { context }) => {
  const headers = {
    ...securityHeaders,
    ...transportSecurity(context.publicUrl),
    'cache-control': neverStored,
    'x-robots-tag': 'noindex, nofollow',
  }
  fastify.addHook('onRequest', async (_, reply) => {
    reply.headers(headers)
  })
  const { operator, operatorToken, publicUrl, secret } = context
  if (operator === undefined || operatorToken === undefined) return closed(fastify)
  const { now } = context.commands
  const console = new Console(operator, {
    ...{ secret, operatorToken, publicUrl, now },
    signedOut: operator.signedOut,
  })
  fastify.setErrorHandler((error, request, reply) => showProblem(console, error, request, reply))
  fastify.addHook('onRequest', async (request) => refuseForeignForms(request, publicUrl))
  await fastify.register(compress, { encodings: ['br', 'gzip'] })
  await fastify.register(cookie)
  await fastify.register(formbody, { bodyLimit: BODY_LIMIT })
  const limits = { files: 1, fields: 10, parts: 11, fileSize: BODY_LIMIT, fieldSize: BODY_LIMIT }
  await fastify.register(multipart, { attachFieldsToBody: 'keyValues', limits })
  await signInRoutes(fastify, console)
  await fastify.register(async (inside) => {
    requireSession(inside, console)
    overviewRoutes(inside, console)
    projectionRoutes(inside, console)
    parkedRoutes(inside, console)
    exclusionRoutes(inside, console)
    pollRoutes(inside, console)
  })
}

/** Tells whoever comes that there is nothing to be signed in to, whatever they ask for. */
function closed(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const frame = { title: 'The operator console is closed', now: new Date() }
    const nobody = { current: undefined, operator: undefined, form: undefined, message: undefined }
    const html = await renderConsole('closed', { ...frame, ...nobody }, {})
    if (request.method !== 'GET') reply.header('connection', 'close')
    return sendConsole(reply.code(404), html)
  }
  for (const url of ['/operator', '/operator/*']) fastify.all(url, answer)
}

/** A page of the console that says what went wrong: never a stack trace. */
function showProblem(
  console: Console,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = toProblem(error, request.id)
  if (problem.status >= 500) request.log.error({ req: request, err: error }, 'a page of the console failed')
  const text = [problem.detail, ...problem.errors.map(({ message }) => message)]
  return console.page(request, problemHeaders(reply, problem), {
    name: 'problem',
    title: problems[problem.code].title,
    view: { text: text.filter((line) => line !== undefined), back: '/operator' },
  })
}
