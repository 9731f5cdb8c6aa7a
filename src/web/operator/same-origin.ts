import type { FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'

/**
 * Browsers say from where a form is sent: the console takes those of its own pages alone, not even those of a
 * neighbouring subdomain. What says nothing is no browser of today, and its forms are checked all the same.
 */
export function refuseForeignForms({ method, headers, host }: FastifyRequest, publicUrl: string): void {
  if (method === 'GET' || method === 'HEAD') return
  const site = headers['sec-fetch-site']
  const isForeignSite = site !== undefined && site !== 'same-origin'
  if (isForeignSite || !isOwn(headers.origin, host, publicUrl))
    throw new Problem('MALFORMED_REQUEST', {
      detail: 'It came from a page of another site. Nothing was done. Please use the console’s own pages.',
    })
}

/** A proxy may have changed the host on the way: what people are told is the address counts too. */
function isOwn(origin: string | undefined, host: string, publicUrl: string): boolean {
  if (origin === undefined) return true
  return URL.parse(origin)?.host === host || origin === URL.parse(publicUrl)?.origin
}
