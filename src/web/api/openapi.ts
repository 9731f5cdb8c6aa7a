import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { problems } from '../../errors.ts'
import { withOperation } from './described.ts'

const transform = createJsonSchemaTransform({ skipList: [] })

const VERSION = '1.0.0'

const table = Object.entries(problems)
  .map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n')

const description = `A tax-budget poll: people divide 100 % of their tax money over categories.

Shares are integers in **basis points** (2500 = 25 %). A **position** is a place in the event log, a decimal string:
opaque, but ordered. What was submitted at position *p* is in all results from position *p* on.

## Refusals

Everything that is refused is answered with \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`,
\`detail\`, \`code\`, and \`errors[]\` where there are several mistakes. With 503 comes \`Retry-After\`.

| code | status | |
|---|---|---|
${table}
`

/** The API's own description, OpenAPI 3.1. */
export const openApiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'taxbudget', version: VERSION, description, license: { name: 'MIT', identifier: 'MIT' } },
    // Relative: the page that tries it out may be reached by another name than PUBLIC_URL.
    servers: [{ url: '/' }],
    tags: [
      { name: 'Polls', description: 'What is asked' },
      { name: 'Submissions', description: 'What one person wants' },
      { name: 'Results', description: 'What everyone wants' },
      { name: 'Operators', description: 'What operators do; every act is an event, signed with their label' },
      { name: 'Operation', description: 'For those who run the service' },
    ],
    components: { securitySchemes: { operator: { type: 'http', scheme: 'bearer' } } },
  },
  transform: (document) => transform(withOperation(document)),
}
