import type { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import type { z } from 'zod'

type Described = Parameters<ReturnType<typeof createJsonSchemaTransform>>[0]

/** An operation as the API's description shows it. */
export interface Operation {
  readonly tags: readonly string[]
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly params?: z.ZodType
  readonly querystring?: z.ZodType
  readonly headers?: z.ZodType
  readonly body?: z.ZodType
  readonly response: Readonly<Record<number, object>>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation
  }
}

/**
 * Options of a route that describe it, and no more: fastify would compile a `schema` and run it at every request.
 * Handlers check what comes in, in the sender's terms, and tests hold what goes out to the description.
 */
export const described = (operation: Operation): { config: { operation: Operation } } => ({
  config: { operation },
})

/** For @fastify/swagger, which looks for schemas elsewhere. */
export const withOperation = (document: Described): Described => {
  const { operation } = document.route.config ?? {}
  return operation ? { ...document, schema: operation as Described['schema'] } : document
}
