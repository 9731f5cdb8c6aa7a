import { hash } from 'node:crypto'

const LABEL = 'taxbudget pseudonym\n'

/**
 * The name under which a submission's data is given away. It does not lead to the submission's public link;
 * who holds the receipt can compute it:
 *
 *     printf 'taxbudget pseudonym\n%s' "$(printf %s "$RECEIPT" | sha256sum | cut -c1-64)" | sha256sum | cut -c1-32
 *
 * @param receiptHash SHA-256 of the receipt, hex
 * @returns the first 16 bytes of SHA-256 over a fixed label and the hash: 32 hexadecimal digits
 */
export const pseudonymOf = (receiptHash: string): string =>
  hash('sha256', `${LABEL}${receiptHash}`).slice(0, 32)
