import type { FastifyInstance } from 'fastify'
import { Problem } from '../../errors.ts'
import { isKnown } from '../api/etag.ts'
import { sharedForGood } from '../cache-control.ts'
import { findAsset } from './assets.ts'

/** Styles, scripts and pictures, from memory. */
export function assetRoutes(fastify: FastifyInstance): void {
  fastify.get<{ Params: { '*': string }; Querystring: { v?: string } }>('/assets/*', (request, reply) => {
    const found = findAsset(request.params['*'])
    if (!found) throw new Problem('NOT_FOUND')
    const etag = `"${found.version}"`
    // A page from before or after a deployment may name another version: nobody may keep this one for it.
    const cacheControl = request.query.v === found.version ? sharedForGood : 'public, no-cache'
    reply.headers({ 'cache-control': cacheControl, etag, vary: 'accept-encoding' })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return reply.type(found.type).send(found.content)
  })
}
