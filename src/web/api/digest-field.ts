/** `Repr-Digest` as RFC 9530 writes it. @param sha256 hexadecimal */
export const digestField = (sha256: string): string =>
  `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
