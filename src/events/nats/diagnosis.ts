/** What is wrong with a NATS_URL, told when the program starts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerInfo } from './client.ts'
import { parseNatsUrl } from './url.ts'

/** Durable pull consumers that acknowledge everything before a message came with this one. */
const OLDEST_VERSION = [2, 9] as const

/** A container's name resolves once the container has been started. */
const RESOLVES_WITHIN_MS = 5000
const TRY_EVERY_MS = 500

/** It answers, but not so that it can be used. */
class Unusable extends Error {
  override readonly name = 'Unusable'
}

/**
 * Tries a NATS for the first time.
 * @param attempt connects, and gives what the server says of itself
 * @returns why it is away, if it is, as anybody's NATS may be for a while: the program starts without it
 * @throws with one sentence on what has to be changed, if waiting would not help
 */
export async function diagnoseNats(
  url: string,
  attempt: () => Promise<ServerInfo>,
  patienceMs = RESOLVES_WITHIN_MS,
): Promise<Error | undefined> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const trouble = await attempt().then(unusable, (error: Error) => error)
    if (trouble && isUnresolved(trouble) && performance.now() < deadline) await sleep(TRY_EVERY_MS)
    else if (trouble === undefined || isAway(trouble)) return trouble
    else throw explain(trouble, url)
  }
}

function unusable({ version, hasJetStream }: ServerInfo): Error | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_VERSION
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    return new Unusable(`is NATS ${version}, which is too old. Use NATS ${OLDEST_VERSION.join('.')} or newer`)
  return hasJetStream
    ? undefined
    : new Unusable('has no JetStream. Start it with it: nats-server --jetstream')
}

const codeOf = (error: Error) => String((error as NodeJS.ErrnoException).code ?? '')

const isUnresolved = (error: Error): boolean => /^(ENOTFOUND|EAI_AGAIN)$/.test(codeOf(error))

/** It refuses, hangs up or is silent: all of that may pass. */
const isAway = (error: Error): boolean =>
  /^(ECONN\w+|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EPIPE|CONNECTION_REFUSED|CONNECTION_CLOSED|DISCONNECT|TIMEOUT)$/.test(
    codeOf(error),
  )

/** One sentence that says what to write instead. Never shows the password. */
function explain(error: Error, url: string): Error {
  const { servers, user, tls } = parseNatsUrl(url)!
  const [server = ''] = servers
  const scheme = tls ? 'tls://' : 'nats://'
  const sentence = (text: string) => new Error(`NATS_URL: ${text}`, { cause: error })
  if (isUnresolved(error))
    return sentence(
      `the host "${server.replace(/:\d+$/, '')}" does not resolve. If it is a container's name, write 127.0.0.1 ` +
        `outside the containers: ${scheme}127.0.0.1${/:\d+$/.exec(server)?.[0] ?? ''}`,
    )
  if (error instanceof Unusable)
    return sentence(`${server} ${error.message}, or unset the variable to keep the bus in the process.`)
  if (/AUTHORIZATION|BAD_AUTHENTICATION|AUTHENTICATION/.test(codeOf(error)))
    return sentence(
      user === undefined
        ? `${server} wants a user and a password: write ${scheme}user:password@${server}`
        : `${server} refuses the user "${user}" with this password.`,
    )
  if (codeOf(error) === 'SERVER_OPT_NA')
    return sentence(`${server} does without TLS: write nats:// instead of tls://`)
  if (/unexpected response/.test(error.message)) return sentence(`what answers on ${server} is not NATS.`)
  return sentence(`${server}: ${error.message.split('\n')[0]}`)
}
