import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '../../errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Lets operators pass. The comparison takes the same time however much of the token is right.
 * @param authorization the request's header
 * @param operatorToken undefined: nobody passes
 * @throws {Problem} NOT_AN_OPERATOR
 */
export function requireOperator(authorization: string | undefined, operatorToken: string | undefined): void {
  if (operatorToken === undefined)
    throw new Problem('NOT_AN_OPERATOR', {
      detail: 'This service runs without an operator token: it is closed.',
    })
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw new Problem('NOT_AN_OPERATOR', {
      detail: 'Send the header Authorization: Bearer <operator token>.',
    })
  if (!timingSafeEqual(digest(token), digest(operatorToken)))
    throw new Problem('NOT_AN_OPERATOR', { detail: 'The operator token is wrong.' })
}
