import { z } from 'zod'
import { Problem, type ProblemCode, problems } from '../../errors.ts'
import { problemDocument } from '../problem-document.ts'

const ErrorInField = z.object({ field: z.string().optional(), code: z.string(), message: z.string() })

/** Whatever may happen to any request. */
const always: readonly ProblemCode[] = ['MALFORMED_REQUEST', 'INTERNAL_ERROR']

/** A route's refusals for OpenAPI, by status, from the table in `errors.ts`. */
export function problemResponses(...codes: readonly ProblemCode[]): Record<number, object> {
  const byStatus = Map.groupBy([...codes, ...always], (code) => problems[code].status)
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, response(status, codes)]))
}

const response = (status: number, codes: readonly ProblemCode[]) => ({
  description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
  content: { 'application/problem+json': { schema: documentSchema(status, codes) } },
})

const documentSchema = (status: number, codes: readonly ProblemCode[]) =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.literal(status),
      code: z.enum(codes as [ProblemCode, ...ProblemCode[]]),
      detail: z.string().optional().describe('A sentence about this very case'),
      errors: z.array(ErrorInField).optional().describe('Every mistake found'),
    })
    .meta({ examples: codes.map((code) => problemDocument(new Problem(code))) })
