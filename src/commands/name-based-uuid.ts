import { hash } from 'node:crypto'

/**
 * The UUID (version 5, RFC 9562) that follows from a name. Seven times as fast as the package `uuid`, and every
 * submission needs two.
 * @param namespace a UUID, as `namespaceOf` reads it
 */
export function nameBasedUuid(namespace: Buffer, name: string): string {
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]))
  const variant = ((Number.parseInt(digest[16]!, 16) & 0b0011) | 0b1000).toString(16)
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}

/** The bytes of a UUID. */
export const namespaceOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex')
