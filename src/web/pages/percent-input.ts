import { WHOLE } from '../../events/poll-events.ts'

/** What is wrong with what was typed, in no language. */
export type PercentMistake =
  | { readonly code: 'not-a-number'; readonly entered: string }
  | { readonly code: 'negative' | 'too-large' }
  /** `lower` and the next share of the poll's grain lie around it, basis points. */
  | { readonly code: 'off-step'; readonly lower: number }

export type PercentInput = { readonly basisPoints: number } | { readonly mistake: PercentMistake }

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
    return { mistake: { code: 'not-a-number', entered: shortened(text.trim()) } }
  const digits = `${whole}${fraction.slice(0, 2).padEnd(2, '0')}`.replace(/^0+(?=\d)/, '')
  const basisPoints = digits.length > 9 ? Number.POSITIVE_INFINITY : Number(digits)
  const finer = /[1-9]/.test(fraction.slice(2))
  if (sign && sign !== '+' && (basisPoints > 0 || finer)) return { mistake: { code: 'negative' } }
  if (basisPoints > WHOLE || (basisPoints === WHOLE && finer)) return { mistake: { code: 'too-large' } }
  if (finer || basisPoints % step !== 0)
    return { mistake: { code: 'off-step', lower: basisPoints - (basisPoints % step) } }
  return { basisPoints }
}

const shortened = (text: string): string => `${text.slice(0, 20)}${text.length > 20 ? '…' : ''}`
