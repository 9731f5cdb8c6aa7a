import { readCertificates } from '../../trusted-authorities.ts'
import { urlsIn } from './hosts.ts'

/** Stands for what nobody must see. */
const HIDDEN = '…'

/** The whole value is a secret, but for what labels there are before a colon. */
export const maskTokens = (value: string): string =>
  value
    .split(',')
    .map((entry) => `${/^\s*[a-z0-9-]{1,32}:/.exec(entry)?.[0] ?? ''}${HIDDEN}`)
    .join(',')

/** Certificates are not secret, but long. */
export function maskCertificates(value: string): string {
  const count = readCertificates(value)?.length ?? 0
  return `${count} certificate${count === 1 ? '' : 's'}`
}

/** A URL, or several with commas between: its password, a token instead of a user, and secrets among its options. */
export const maskUrls = (value: string): string =>
  urlsIn(value)
    .map((url) => maskOptions(maskUser(url)))
    .join(',')

/** Greedy: whatever stands before the last @ may be part of a password. */
const maskUser = (url: string): string =>
  url.replace(/^(\s*[a-z+]+:\/\/)(.*)@/is, (_, scheme: string, credentials: string) => {
    const [user, password] = credentials.split(':')
    // A user alone is a token for NATS, and for Redis a password that lacks its colon.
    if (password === undefined) return `${scheme}${/^\s*postgres/i.test(scheme) ? user : HIDDEN}@`
    return `${scheme}${user}:${HIDDEN}@`
  })

const maskOptions = (url: string): string =>
  url.replace(/([?&])([^=&]*)=[^&]*/g, (option, mark: string, name: string) =>
    /pass|secret|token|key/i.test(decoded(name)) ? `${mark}${name}=${HIDDEN}` : option,
  )

const decoded = (name: string): string => new URLSearchParams(`${name}=`).keys().next().value ?? ''

export const maskAll = (): string => HIDDEN
