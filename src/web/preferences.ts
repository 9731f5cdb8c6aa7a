import type { IncomingHttpHeaders } from 'node:http'

/** Whether a refusal should be told to a program: everything under /api, and whoever takes JSON but no pages. */
export function wantsJson(url: string, { accept = '' }: IncomingHttpHeaders): boolean {
  if (url.startsWith('/api/') || url === '/api' || url.startsWith('/api?')) return true
  return accept.includes('json') && !accept.includes('text/html')
}
