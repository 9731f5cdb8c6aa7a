/** A CDN may share it, serve it stale while it asks again, and for a day if we cannot answer. */
export const sharedBriefly = 'public, max-age=5, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400'

/** What changes with the program alone. */
export const sharedForMinutes = 'public, max-age=300'

/** For one pair of eyes, once. */
export const neverStored = 'private, no-store'

/** Whoever has it need never ask again. */
export const sharedForGood = 'public, max-age=31536000, immutable'

/**
 * For what is chosen by a header of the request. Caches of Cloudflare's make do not look at `Vary` unless they are told
 * to, and would show everybody what the first one chose: they keep it only if their owner's rules say so.
 */
export const chosenBy = (
  header: 'accept' | 'accept, accept-encoding' | 'accept-encoding, accept-language',
) => ({
  vary: header,
  'cloudflare-cdn-cache-control': 'no-store',
})
