import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What acts of an operator without a label of their own are signed with. */
const UNNAMED = 'operator'

/**
 * Whose token it is. The comparison takes the same time however much of it is right.
 * @param operatorToken OPERATOR_TOKEN: one token, or several as `label:token` with commas between
 * @returns the label with which this operator's acts are signed; undefined: nobody's
 */
export function operatorOf(token: string, operatorToken: string | undefined): string | undefined {
  const given = digest(token)
  let found: string | undefined
  for (const entry of operatorToken?.split(',') ?? []) {
    const [, label = UNNAMED, own = entry] = /^([a-z0-9-]{1,32}):(.*)$/.exec(entry) ?? []
    // A token that was in use before there were labels may look as if it had one.
    if (timingSafeEqual(given, digest(own))) found ??= label
    else if (timingSafeEqual(given, digest(entry))) found ??= UNNAMED
  }
  return found
}
