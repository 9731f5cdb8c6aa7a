import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, problems } from '../errors.ts'
import { renderProblemPage } from './pages/problem-page.ts'
import { wantsJson } from './preferences.ts'
import { sendProblem } from './send-problem.ts'
import { toProblem } from './to-problem.ts'

/** How a server tells of what was refused or failed. */
export type AnswerError = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply>

/**
 * Everything that is refused or fails outside the pages goes out through these two. Register them before any other
 * plugin.
 * @param methodsAt the methods that an address takes
 */
export function handleErrors(
  app: FastifyInstance,
  methodsAt: (path: string) => readonly string[],
  answer: AnswerError,
): void {
  app.setErrorHandler(answer)
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.url.split('?', 1)[0]!)
    if (methods.length === 0 || methods.includes(request.method)) throw new Problem('NOT_FOUND')
    reply.header('allow', methods.join(', '))
    throw new Problem('METHOD_NOT_ALLOWED', { detail: `This address takes ${methods.join(', ')}.` })
  })
}

/** Tells a program or a person what went wrong. */
export async function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = problemOf(error, request)
  if (wantsJson(request.url, request.headers)) return sendProblem(reply, problem)
  try {
    return await renderProblemPage(reply, problem)
  } catch (failure) {
    request.log.error({ req: request, err: failure }, 'the error page could not be made')
    return sendProblem(reply, problem)
  }
}

/** Tells a program: where there are no pages. */
export const answerProblem: AnswerError = (error, request, reply) =>
  sendProblem(reply, problemOf(error, request))

function problemOf(error: unknown, request: FastifyRequest): Problem {
  const problem = toProblem(error, request.id)
  if (problem.status >= 500)
    request.log[levelOf(problem)]({ req: request, err: error }, problems[problem.code].title)
  return problem
}

const levelOf = ({ code }: Problem) => (code === 'INTERNAL_ERROR' ? 'error' : 'warn')
