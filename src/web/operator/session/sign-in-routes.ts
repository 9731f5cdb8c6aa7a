import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import { operatorOf } from '../../operator-token.ts'
import { problemHeaders } from '../../send-problem.ts'
import type { Console } from '../console.ts'
import { limitSignIns } from './sign-in-limit.ts'
import { wayBack } from './way-back.ts'

export interface SignInView {
  readonly form: string
  /** Where it leads to. */
  readonly to: string
  /** Whether a link from elsewhere has led here, to somebody who may be signed in: then the cookie was not sent. */
  readonly cameFromElsewhere: boolean
  readonly hasEnded: boolean
  readonly mistake: string | undefined
}

const TITLE = 'Sign in as an operator'

/** In and out. */
export async function signInRoutes(fastify: FastifyInstance, console: Console): Promise<void> {
  const limit = await limitSignIns(fastify)
  fastify.get<{ Querystring: { to?: string; ended?: string } }>(
    '/operator/sign-in',
    async (request, reply) => {
      const to = wayBack(request.query.to)
      if (await isSignedIn(console, request)) return reply.redirect(to, 303)
      return show(console, request, reply, { to, hasEnded: request.query.ended !== undefined })
    },
  )
  fastify.post('/operator/sign-in', async (request, reply) => {
    const { token, to: asked } = (request.body ?? {}) as { token?: unknown; to?: unknown }
    const to = wayBack(asked)
    try {
      await limit(request)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return show(console, request, problemHeaders(reply, error), { to, mistake: error.detail })
    }
    const visit = console.visits.of(request)
    if (visit === undefined || console.forms.idOf(formOf(request), visit) === undefined)
      return show(console, request, reply.code(400), { to, mistake: noVisit })
    const label = operatorOf(typeof token === 'string' ? token.trim() : '', console.operatorToken)
    if (label === undefined) {
      request.log.warn({ req: request }, 'somebody tried to sign in with a wrong operator token')
      return show(console, request, reply.code(401), { to, mistake: 'The token is wrong.' })
    }
    console.visits.end(reply)
    console.sessions.start(reply, label)
    request.log.info({ operator: label }, 'an operator has signed in')
    return reply.redirect(to, 303)
  })
  fastify.post('/operator/sign-out', async (request, reply) => {
    const session = console.sessions.of(request)
    if (session) console.formOf(request, session.id)
    await console.sessions.end(reply, session).catch((cause: unknown) => {
      request.log.warn({ err: cause }, 'that an operator has signed out could not be noted')
      throw new Problem('RESULTS_UNAVAILABLE', {
        detail:
          'You are signed out in this browser, but the database is away: a copy of its cookie could be used at another web process until it expires.',
        retryAfter: 5,
        cause,
      })
    })
    return reply.redirect('/operator/sign-in', 303)
  })
}

/** Who cannot be asked about is asked to sign in, which is no harm. */
async function isSignedIn({ sessions }: Console, request: FastifyRequest): Promise<boolean> {
  const session = sessions.of(request)
  return session !== undefined && !(await sessions.hasEnded(session).catch(() => true))
}

const noVisit =
  'This page was open for too long, or the browser keeps no cookies for it. Please try once more; signing in needs cookies.'

const formOf = ({ body }: FastifyRequest): unknown => (body as { form?: unknown } | undefined)?.form

function show(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  { to, mistake, hasEnded = false }: { to: string; mistake?: string | undefined; hasEnded?: boolean },
): Promise<FastifyReply> {
  const form = console.forms.issue(console.visits.open(request, reply))
  const site = request.headers['sec-fetch-site']
  const cameFromElsewhere = site === 'cross-site' || site === 'same-site'
  return console.page(request, reply, {
    name: 'sign-in',
    title: TITLE,
    view: { form, to, cameFromElsewhere, hasEnded, mistake },
  })
}
