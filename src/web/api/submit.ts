import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { submitAllocation } from '../../commands/submit-allocation.ts'
import type { FieldError } from '../../errors.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { traced } from '../trace.ts'
import { described } from './described.ts'
import { problemResponses } from './problem-responses.ts'
import { AllocationBody, PollParameters, Receipt, Traceparent } from './schemas.ts'
import { allocationIn } from './submission-body.ts'

const operation = {
  tags: ['Submissions'],
  operationId: 'submit',
  summary: 'Submit an allocation',
  description:
    'Durable once it is answered. With an `Idempotency-Key` it may be sent again after a lost answer: it has one effect, and gets the same answer with the same receipt.',
  params: PollParameters,
  headers: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[ -~]{1,255}$/)
      .optional()
      .describe(
        'Made up for this one submission and not to be guessed, a random UUID say: who knows it can get the receipt',
      ),
    traceparent: Traceparent,
  }),
  body: AllocationBody,
  response: {
    201: Receipt,
    ...problemResponses(
      'POLL_NOT_FOUND',
      'POLL_CLOSED',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'INVALID_ALLOCATION',
      'INVALID_REQUEST',
      'IDEMPOTENCY_KEY_REUSED',
      'EVENT_LOG_UNAVAILABLE',
    ),
  },
}

/** Submits through the API. */
export function submitRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  const { commands } = context
  app.post<{ Params: PollParameters }>(
    '/polls/:poll/submissions',
    described(operation),
    async (request, reply) => {
      const { headers, body } = request
      const { poll } = request.params
      const { key, errors } = idempotencyKey(headers)
      const allocation = await allocationIn(body, poll, commands.polls, errors)
      const { submission, receipt, position } = await submitAllocation(traced(commands, request), {
        poll,
        allocation,
        via: 'api',
        // Nobody can name the key of a form, which begins otherwise.
        ...(key !== undefined && { key: `api:${key}` }),
      })
      return reply
        .code(201)
        .header('location', `/api/submissions/${submission}`)
        .header('cache-control', neverStored)
        .send({ submission, receipt, position: position.toString() })
    },
  )
}

function idempotencyKey(headers: IncomingHttpHeaders): { key?: string; errors?: FieldError[] } {
  const key = headers['idempotency-key']
  if (key === undefined) return {}
  if (typeof key === 'string' && /^[ -~]{1,255}$/.test(key)) return { key }
  const message = 'Idempotency-Key must have 1 to 255 printable ASCII characters.'
  return { errors: [{ field: 'Idempotency-Key', code: 'wrong-format', message }] }
}
