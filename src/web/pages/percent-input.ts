import type { FieldError } from '../../errors.ts'
import { WHOLE } from '../../events/poll-events.ts'
import { percent } from './format.ts'

export type PercentInput = { readonly basisPoints: number } | { readonly error: Omit<FieldError, 'field'> }

/** Longer than any number that could be meant. */
const MAX_LENGTH = 40

/**
 * A percentage as people type it: `25`, `25.5`, `25,5`, ` 25 % `; nothing is 0. Read digit by digit, because a float
 * would turn 0.29 % into 28.999… basis points.
 * @param step the poll's grain in basis points
 */
export function parsePercent(text: string, step: number): PercentInput {
  // NFKC makes ordinary characters of full-width digits, narrow spaces and the like.
  const plain = text
    .slice(0, MAX_LENGTH + 1)
    .normalize('NFKC')
    .trim()
    .replace(/\s*%$/, '')
  if (plain === '') return { basisPoints: 0 }
  const match = /^([-−–]|\+)?(\d*)(?:[.,](\d*))?$/.exec(plain)
  const [, sign, whole = '', fraction = ''] = match ?? []
  if (!match || whole + fraction === '' || plain.length > MAX_LENGTH)
    return refuse('not-a-number', notANumber(text))
  const digits = `${whole}${fraction.slice(0, 2).padEnd(2, '0')}`.replace(/^0+(?=\d)/, '')
  const basisPoints = digits.length > 9 ? Number.POSITIVE_INFINITY : Number(digits)
  const finer = /[1-9]/.test(fraction.slice(2))
  if (sign && sign !== '+' && (basisPoints > 0 || finer))
    return refuse('negative', `cannot be less than ${percent(0)}.`)
  if (basisPoints > WHOLE || (basisPoints === WHOLE && finer))
    return refuse('too-large', `cannot be more than ${percent(WHOLE)}.`)
  if (finer || basisPoints % step !== 0) return refuse('off-step', offStep(basisPoints, step))
  return { basisPoints }
}

const refuse = (code: string, message: string): PercentInput => ({ error: { code, message } })

const notANumber = (text: string): string =>
  `needs a number such as 25, but “${text.trim().slice(0, 20)}${text.trim().length > 20 ? '…' : ''}” was entered.`

function offStep(basisPoints: number, step: number): string {
  const lower = basisPoints - (basisPoints % step)
  const grain = step === 100 ? 'whole percents only' : `steps of ${percent(step)} only`
  return `takes ${grain}: ${percent(lower)} or ${percent(lower + step)}.`
}
