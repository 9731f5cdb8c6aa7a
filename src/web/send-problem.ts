import type { FastifyReply } from 'fastify'
import type { Problem } from '../errors.ts'
import { problemDocument } from './problem-document.ts'

/** Seconds to wait before trying again, where the problem itself does not say. */
const RETRY_AFTER = 5

/** Status and headers that belong to a problem, whether it is told to a program or to a person. */
export function problemHeaders(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.code(problem.status).header('cache-control', 'no-store')
  if (problem.status === 503 || problem.retryAfter !== undefined)
    reply.header('retry-after', String(problem.retryAfter ?? RETRY_AFTER))
  if (problem.code === 'NOT_AN_OPERATOR') reply.header('www-authenticate', 'Bearer realm="operators"')
  return reply
}

/** Answers with `application/problem+json`. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  problemHeaders(reply, problem)
    .header('x-content-type-options', 'nosniff')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemDocument(problem)))
