import type { Page } from 'playwright-core'

/** Bytes on the wire, headers and compression as they were, by what they are for: `Document`, `Stylesheet`, `Script` … */
export type Transferred = ReadonlyMap<string, number>

/** The limit for the form and for the results, in bytes. */
export const WEIGHT_LIMIT = 60_000

/** What a browser that has never been there transfers for a page, until nothing more is asked for. */
export async function transferredFor(page: Page, address: string): Promise<Transferred> {
  const session = await page.context().newCDPSession(page)
  const kinds = new Map<string, string>()
  const bytes = new Map<string, number>()
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type))
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? 'Other'
    bytes.set(kind, (bytes.get(kind) ?? 0) + encodedDataLength)
  })
  await session.send('Network.enable')
  await page.goto(address, { waitUntil: 'networkidle' })
  await session.detach()
  return bytes
}

export const sumOf = (transferred: Transferred): number =>
  [...transferred.values()].reduce((sum, bytes) => sum + bytes, 0)
