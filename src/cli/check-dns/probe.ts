/** What a browser would meet at one address of a name: certificate, answer, redirect. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { Patience } from './lookup.ts'

interface Certificate {
  /** The names that it is good for. */
  readonly names: readonly string[]
  readonly issuer: string
  /** ISO 8601, UTC. */
  readonly validTo: string
  /** Whole days; below 0 when it has expired. */
  readonly daysLeft: number
}

/** One request to one address. */
export interface Probe {
  readonly address: string
  /** Undefined: there was no answer. */
  readonly status?: number
  /** Where a redirect leads, made absolute. */
  readonly location?: string
  /** Whether it is this service that answers, as /livez does. */
  readonly isService: boolean
  readonly certificate?: Certificate
  /** Why the certificate is not to be trusted, in words; undefined: it is. */
  readonly distrust?: string
  /** Why there is no answer, in words. */
  readonly error?: string
  /** This machine cannot reach such addresses: nothing is known of it. */
  readonly unreachable?: true
}

export interface ProbeOptions extends Patience {
  readonly port: number
  /** PEM of authorities that are believed; of HTTPS alone. */
  readonly authorities?: readonly string[]
}

const A_DAY_MS = 86_400_000
const MAX_BODY = 4096

/** GET https://name/livez at an address. Never throws. */
export async function probeHttps(name: string, address: string, options: ProbeOptions): Promise<Probe> {
  const settings = {
    ...requestTo(name, address, '/livez', options),
    servername: name,
    // What is wrong with it is told, and what stands behind it as well.
    rejectUnauthorized: false,
    ca: [...(options.authorities ?? [])],
  }
  let seen: Pick<Probe, 'certificate' | 'distrust'> = {}
  const outcome = await answerOf(httpsRequest(settings), address, `https://${name}`, options, (socket) => {
    seen = certificateOf(socket as TLSSocket, name)
  })
  return { ...outcome, ...seen }
}

/** GET http://name/ at an address. Never throws. */
export const probeHttp = (name: string, address: string, options: ProbeOptions): Promise<Probe> =>
  answerOf(httpRequest(requestTo(name, address, '/', options)), address, `http://${name}`, options)

const requestTo = (name: string, host: string, path: string, { port, signal }: ProbeOptions) => ({
  host,
  port,
  path,
  signal,
  agent: false,
  headers: { host: name, 'user-agent': 'taxbudget check-dns', accept: 'application/json' },
})

async function answerOf(
  request: ClientRequest,
  address: string,
  base: string,
  { timeoutMs, signal }: ProbeOptions,
  onSecure: (socket: unknown) => void = () => {},
): Promise<Probe> {
  const late = setTimeout(() => request.destroy(timeOut()), timeoutMs)
  try {
    request.on('socket', (socket) => socket.once('secureConnect', () => onSecure(socket)))
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject).end()
    })
    const body = await beginningOf(response)
    const { statusCode: status = 0, headers } = response
    const location = headers.location && (URL.parse(headers.location, base)?.href ?? headers.location)
    const isService = status === 200 && /^\s*\{\s*"alive"\s*:\s*true\s*\}\s*$/.test(body)
    return { address, status, ...(location && { location }), isService }
  } catch (error) {
    signal.throwIfAborted()
    return { address, isService: false, ...describe(error as NodeJS.ErrnoException) }
  } finally {
    clearTimeout(late)
    request.destroy()
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let body = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    body += chunk
    if (body.length > MAX_BODY) break
  }
  return body
}

const timeOut = (): Error => Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })

const WORDS: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'it does not answer',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'it hangs up',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  EHOSTUNREACH: 'no way leads there',
}

function describe({ code = '', message }: NodeJS.ErrnoException): Pick<Probe, 'error' | 'unreachable'> {
  const error = WORDS[code] ?? (code.startsWith('HPE_') ? 'it does not speak HTTP' : message)
  return /^(ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(code)
    ? { error: 'this machine reaches no such addresses', unreachable: true }
    : { error }
}

function certificateOf(socket: TLSSocket, name: string): Pick<Probe, 'certificate' | 'distrust'> {
  const certificate = socket.getPeerCertificate(true)
  if (certificate.raw === undefined) return { distrust: 'it shows no certificate' }
  const validTo = new Date(certificate.valid_to)
  const shown: Certificate = {
    names: namesOf(certificate),
    issuer: [certificate.issuer.O, certificate.issuer.CN].flat().filter(Boolean).join(', '),
    validTo: validTo.toISOString(),
    daysLeft: Math.floor((validTo.getTime() - Date.now()) / A_DAY_MS),
  }
  const distrust = socket.authorizationError
  return { certificate: shown, ...(distrust && { distrust: whyNot(distrust, shown, name) }) }
}

const namesOf = ({ subject, subjectaltname = '' }: DetailedPeerCertificate): string[] => {
  const alternatives = [...subjectaltname.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, each]) =>
    each!.trim(),
  )
  return alternatives.length > 0 ? alternatives : [subject.CN].flat().filter((each) => each !== undefined)
}

function whyNot(error: Error | string, { names, validTo, daysLeft }: Certificate, name: string): string {
  // It is the code itself in all but what the types say.
  const code = typeof error === 'string' ? error : codeOf(error)
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return daysLeft < 0
        ? `its certificate expired at ${validTo}`
        : 'a certificate between its own and the authority has expired'
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for ${names.join(', ')}, not for ${name}`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'its certificate is from nobody that browsers know, or what stands between is not sent'
    default:
      return `its certificate is refused: ${code}`
  }
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message
