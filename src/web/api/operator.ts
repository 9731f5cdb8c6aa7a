import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Problem } from '../../errors.ts'
import { operatorOf } from '../operator-token.ts'

/** Lets operators pass. @returns the operator's label @throws {Problem} NOT_AN_OPERATOR, TOO_MANY_REQUESTS */
export type OperatorGate = (request: FastifyRequest) => Promise<string>

const MINUTE = 60_000
/** As at the console's door, but wrong tokens alone count: a program asks often. An IPv6 address stands for its /64. */
const WRONG_TOKENS = { max: 10, timeWindow: 5 * MINUTE, ipv6Subnet: 64 } as const
/** So many addresses are remembered. */
const ADDRESSES = 5000

/** @param operatorToken OPERATOR_TOKEN; undefined: nobody passes */
export async function openOperatorGate(
  app: FastifyInstance,
  operatorToken: string | undefined,
): Promise<OperatorGate> {
  await app.register(rateLimit, { global: false })
  const count = app.createRateLimit(WRONG_TOKENS)
  /** From there no token is looked at for a while, right ones neither: else guessing would go on unhindered. */
  const shut = new LRUCache<string, true>({ max: ADDRESSES })
  return async (request) => {
    if (operatorToken === undefined)
      throw new Problem('NOT_AN_OPERATOR', {
        detail: 'This service runs without an operator token: it is closed.',
      })
    const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined)
      throw new Problem('NOT_AN_OPERATOR', {
        detail: 'Send the header Authorization: Bearer <operator token>.',
      })
    if (shut.has(request.ip)) throw tooMany(Math.ceil(shut.getRemainingTTL(request.ip) / 1000))
    const operator = operatorOf(token, operatorToken)
    if (operator !== undefined) return operator
    request.log.warn({ req: request }, 'a request came with a wrong operator token')
    const counted = await count(request)
    if (!counted.isAllowed && counted.isExceeded) {
      shut.set(request.ip, true, { ttl: Math.max(1, counted.ttl) })
      throw tooMany(counted.ttlInSeconds)
    }
    throw new Problem('NOT_AN_OPERATOR', { detail: 'The operator token is wrong.' })
  }
}

const tooMany = (retryAfter: number): Problem =>
  new Problem('TOO_MANY_REQUESTS', {
    detail: 'Too many wrong operator tokens came from this address. Please wait a little and try again.',
    retryAfter,
  })
