import type { FastifyReply } from 'fastify'

const ownScripts = "script-src 'self'"
const ownStyles = "style-src 'self'"
const noFrames = "frame-ancestors 'none'"

/**
 * Nothing but our own styles, scripts and forms; no inline code, no third party. A page that is never stored names its
 * scripts and styles by a nonce (`withNonce`); one that caches share has the same bytes for everybody, so that a nonce
 * would be known to everybody: there it is 'self', and each script runs only with the contents that `integrity` names.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  ownScripts,
  ownStyles,
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  noFrames,
].join('; ')

/** What no page needs. */
const permissions = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'payment',
  'usb',
]

/** On every page, error pages included. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': permissions.map((name) => `${name}=()`).join(', '),
}

/** Lets this one answer alone use what bears the nonce, and nothing else. */
export function withNonce(reply: FastifyReply, nonce: string): void {
  const policy = String(reply.getHeader('content-security-policy'))
    .replace(ownScripts, `script-src 'nonce-${nonce}'`)
    .replace(ownStyles, `style-src 'nonce-${nonce}'`)
  reply.header('content-security-policy', policy)
}

/** Lets pages of other sites show this answer in a frame. For the widget alone: nothing can be submitted in it. */
export function allowFraming(reply: FastifyReply): void {
  const policy = contentSecurityPolicy
    .replace(noFrames, 'frame-ancestors *')
    .replace("form-action 'self'", "form-action 'none'")
  reply.headers({ 'content-security-policy': policy, 'cross-origin-resource-policy': 'cross-origin' })
  reply.removeHeader('x-frame-options')
}

/** Lets pages of other sites use this file: a picture that is there to be shown elsewhere. */
export const allowUseElsewhere = (reply: FastifyReply): FastifyReply =>
  reply.header('cross-origin-resource-policy', 'cross-origin')

/** Lets this page show our own widget in a frame. */
export function showOwnFrames(reply: FastifyReply): void {
  const policy = String(reply.getHeader('content-security-policy'))
  reply.header('content-security-policy', `${policy}; frame-src 'self'`)
}

/** Browsers that came by https stay with it. */
export const transportSecurity = (publicUrl: string): Readonly<Record<string, string>> =>
  publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}
