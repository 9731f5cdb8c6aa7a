import { WHOLE } from '../../events/poll-events.ts'

const written = Array.from({ length: WHOLE + 1 }, (_, basisPoints) => String(basisPoints / 100))

/** A share in percent with as many decimals as it needs, two at most: 1250 → `12.5`. */
export const percentText = (basisPoints: number): string => written[basisPoints]!
