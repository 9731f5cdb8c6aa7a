import { z } from 'zod'

/** Who did it: a label of an operator's token, or what `--by` says on the command line. Never a person's name. */
export const OperatorLabel = z.string().regex(/^[a-z0-9-]{1,32}$/, 'use 1 to 32 of a-z, 0-9 and -')

/** Who did what was done before there were labels. */
const UNSIGNED = 'unsigned'

/** For upcasters: the same, signed by nobody. */
export const unsigned = (act: object): object => ({ ...act, by: UNSIGNED })
