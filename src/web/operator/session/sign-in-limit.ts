import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'

const MINUTE = 60_000
/** Somebody who mistypes. An IPv6 address stands for its /64, which is one household. */
const PER_ADDRESS = { max: 10, timeWindow: 5 * MINUTE }
/** Many addresses together: a token has at least 16 characters, so this is about load, not about guessing. */
const ALTOGETHER = { max: 100, timeWindow: MINUTE }

/**
 * Counts attempts to sign in at this process. The address is the one that TRUST_PROXY leads to. Who is signed in
 * notices nothing of it, and the command line works in any case.
 */
export async function limitSignIns(
  fastify: FastifyInstance,
): Promise<(request: FastifyRequest) => Promise<void>> {
  await fastify.register(rateLimit, { global: false })
  const limits = [
    fastify.createRateLimit({ ...PER_ADDRESS, ipv6Subnet: 64 }),
    fastify.createRateLimit({ ...ALTOGETHER, keyGenerator: () => 'everybody' }),
  ]
  return async (request) => {
    for (const limit of limits) {
      const counted = await limit(request)
      if (!counted.isAllowed && counted.isExceeded)
        throw new Problem('TOO_MANY_REQUESTS', {
          detail: 'Too many attempts to sign in. Please wait a little and try again.',
          retryAfter: counted.ttlInSeconds,
        })
    }
  }
}
