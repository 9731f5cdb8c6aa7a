import { expect } from 'vitest'
import type { z } from 'zod'
import { type FieldError, type ProblemCode, problems } from '../../src/errors.ts'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body, if it is JSON. */
  readonly json: unknown
}

export interface ApiRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Sent as JSON. */
  readonly json?: unknown
}

/** Asks the API as any client would. */
export async function ask(url: string, { method = 'GET', headers = {}, body, json }: ApiRequest = {}) {
  const sent = json === undefined ? body : JSON.stringify(json)
  const answer = await fetch(url, {
    method,
    headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
    redirect: 'manual',
    ...(sent !== undefined && { body: sent }),
  })
  const text = await answer.text()
  const isJson =
    /^application\/([\w.-]+\+)?json\b/.test(answer.headers.get('content-type') ?? '') && text !== ''
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

/** An allocation of the default poll that is right. */
export const rightAllocation = { health: 2500, education: 2500, defense: 1000, environment: 4000 }

export interface SubmittedAnswer {
  readonly submission: string
  readonly receipt: string
  readonly position: string
}

/** Submits, and insists that it is taken. */
export async function submit(
  url: string,
  allocation: object = rightAllocation,
  headers: Record<string, string> = {},
): Promise<SubmittedAnswer> {
  const answer = await ask(`${url}/api/polls/us-federal/submissions`, {
    method: 'POST',
    json: { allocation },
    headers,
  })
  expect(answer.text).toContain('receipt')
  return answer.json as SubmittedAnswer
}

/** The answer is a refusal of the table, told as problem+json. @returns the mistakes that it names */
export function expectProblem(answer: ApiAnswer, code: ProblemCode): readonly FieldError[] {
  const problem = answer.json as { errors?: FieldError[] }
  expect(problem).toMatchObject({ code, status: problems[code].status, title: problems[code].title })
  expect(answer.status).toBe(problems[code].status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  return problem.errors ?? []
}

/** The answer is what the API's description says, no field more or less. */
export function expectDescribed<T extends z.ZodType>(answer: ApiAnswer, schema: T): z.infer<T> {
  expect(answer.status).toBeLessThan(300)
  const parsed = schema.parse(answer.json)
  expect(parsed).toEqual(answer.json)
  return parsed
}

/** An answer, or a refusal of the table told as problem+json: never a failure. */
export function expectAnswer({ status, headers, json: body }: ApiAnswer): void {
  expect(status).toBeLessThan(500)
  if (status < 400) return
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  if (body === undefined) return
  const { code } = body as { code: keyof typeof problems }
  expect(problems[code].status).toBe(status)
}
