/** What is wrong with a NATS_URL, told when the program starts. */
import { DeadlineExceeded } from '../../deadline.ts'
import { FirstContact, isOutOfReach, isUnresolved, type Patience } from '../../first-contact.ts'
import type { ServerInfo } from './client.ts'
import { parseNatsUrl } from './url.ts'

/** Durable pull consumers that acknowledge everything before a message came with this one. */
const OLDEST_VERSION = '2.9'

const MEANWHILE = 'Until it answers, the event log is followed without it.'

const contact = new FirstContact({
  variable: 'NATS_URL',
  product: 'NATS',
  otherwise: 'keep the bus in the process',
})

class NatsTooOld extends Error {
  override readonly name = 'NatsTooOld'
}

class NoJetStream extends Error {
  override readonly name = 'NoJetStream'
}

/**
 * Tries a NATS for the first time.
 * @param attempt connects, and gives what the server says of itself
 * @param patience for a host that does not resolve yet
 * @returns why it is away, in a sentence, if it is, as anybody's NATS may be for a while: the program starts without it
 * @throws with one sentence on what has to be changed, if waiting would not help
 */
export async function diagnoseNats(
  url: string,
  attempt: () => Promise<ServerInfo>,
  patience?: Patience,
): Promise<Error | undefined> {
  const [server = ''] = parseNatsUrl(url)!.servers
  try {
    refuseUnusable(await contact.tryPatiently(server, attempt, isUnresolved, patience))
    return undefined
  } catch (error) {
    if (isAway(error as Error)) return contact.startsWithout(explainAway(error as Error, server), MEANWHILE)
    throw explain(error as Error, url)
  }
}

function refuseUnusable({ version, hasJetStream }: ServerInfo): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_VERSION.split('.').map(Number)
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) throw new NatsTooOld(version)
  if (!hasJetStream) throw new NoJetStream(`NATS ${version}`)
}

const codeOf = (error: Error) => String((error as NodeJS.ErrnoException).code ?? '')

/** It refuses, hangs up or is silent: all of that may pass. */
const isAway = (error: Error): boolean =>
  isOutOfReach(error) ||
  error instanceof DeadlineExceeded ||
  /^(CONNECTION_REFUSED|CONNECTION_CLOSED|DISCONNECT|TIMEOUT)$/.test(codeOf(error))

function explainAway(error: Error, server: string): Error {
  // The client calls it refused, too, when a server hangs up before it has said anything.
  const code = codeOf((error as { chainedError?: Error }).chainedError ?? error)
  if (code === 'ECONNREFUSED') return contact.nobodyListens(server, error)
  if (error instanceof DeadlineExceeded)
    return contact.explain(
      `${server} says what it is, and then nothing any more. Start NATS there again.`,
      error,
    )
  // Other servers wait for their client to begin.
  if (code === 'TIMEOUT')
    return contact.notTheProduct(server, error, '', 'it says nothing, and NATS speaks first')
  if (/^(|CONNECTION_CLOSED|CONNECTION_REFUSED|DISCONNECT|ECONNRESET|EPIPE)$/.test(code))
    return contact.notTheProduct(server, error, '', 'it hangs up')
  return contact.explain(`${server}: ${error.message.split('\n')[0]}`, error)
}

/** One sentence that says what to write instead. Never shows the password. */
function explain(error: Error, url: string): Error {
  const { servers, user, tls } = parseNatsUrl(url)!
  const [server = ''] = servers
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(server) ?? []
  const scheme = tls ? 'tls://' : 'nats://'
  if (isUnresolved(error)) return contact.unresolved(host, `${scheme}127.0.0.1:${port}`, error)
  if (error instanceof NatsTooOld) return contact.tooOld(server, error.message, OLDEST_VERSION, error)
  if (error instanceof NoJetStream)
    return contact.explain(`${server} has no JetStream. Start it with it: nats-server --jetstream`, error)
  if (/AUTHORIZATION|AUTHENTICATION/.test(codeOf(error))) {
    const instead = `${scheme}user:password@${server}`
    return user === undefined
      ? contact.wantsPassword(server, instead, error)
      : contact.wrongPassword(server, user, instead, error)
  }
  if (codeOf(error) === 'SERVER_OPT_NA')
    return contact.explain(`${server} does without TLS: write nats:// instead of tls://`, error)
  if (/unexpected response/.test(error.message)) return contact.notTheProduct(server, error)
  return contact.explain(`${server}: ${error.message.split('\n')[0]}`, error)
}
