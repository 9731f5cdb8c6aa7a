import { Problem } from '../../errors.ts'
import { operatorOf } from '../operator-token.ts'

/**
 * Lets operators pass.
 * @param authorization the request's header
 * @param operatorToken OPERATOR_TOKEN; undefined: nobody passes
 * @returns the operator's label
 * @throws {Problem} NOT_AN_OPERATOR
 */
export function requireOperator(
  authorization: string | undefined,
  operatorToken: string | undefined,
): string {
  if (operatorToken === undefined)
    throw new Problem('NOT_AN_OPERATOR', {
      detail: 'This service runs without an operator token: it is closed.',
    })
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw new Problem('NOT_AN_OPERATOR', {
      detail: 'Send the header Authorization: Bearer <operator token>.',
    })
  const operator = operatorOf(token, operatorToken)
  if (operator === undefined) throw new Problem('NOT_AN_OPERATOR', { detail: 'The operator token is wrong.' })
  return operator
}
