/** What is wrong with a REDIS_URL, told when the program starts. */
import { FirstContact, isOutOfReach, isUnresolved, type Patience } from '../first-contact.ts'

/** Older ones know no users, and nobody mends them. */
const OLDEST_VERSION = '6'

const MEANWHILE = 'Until it answers, results come from the projection.'

const contact = new FirstContact({
  variable: 'REDIS_URL',
  product: 'Redis',
  otherwise: 'keep snapshots in the process',
})

/** It speaks Redis, but not well enough. */
class RedisTooOld extends Error {
  override readonly name = 'RedisTooOld'
}

/**
 * Tries a Redis for the first time.
 * @param attempt connects, and gives what INFO says
 * @param patience for a host that does not resolve yet
 * @returns why it is away, in a sentence, if it is, as anybody's Redis may be for a while: the program starts without it
 * @throws with one sentence on what has to be changed, if waiting would not help
 */
export async function diagnoseRedis(
  url: string,
  attempt: () => Promise<string>,
  patience?: Patience,
): Promise<Error | undefined> {
  try {
    refuseOlder(await contact.tryPatiently(serverOf(url), attempt, isUnresolved, patience))
    return undefined
  } catch (error) {
    if (isAway(error as Error)) return contact.startsWithout(explainAway(error as Error, url), MEANWHILE)
    throw explain(error as Error, url)
  }
}

function refuseOlder(info: string): void {
  const version = /^redis_version:(\d+)\S*/m.exec(info)
  if (version && Number(version[1]) < Number(OLDEST_VERSION))
    throw new RedisTooOld(version[0].replace(/.*:/, ''))
}

const serverOf = (url: string): string => {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || 6379}`
}

/** It refuses, hangs up, is silent, busy or still loading: all of that may pass. */
const isAway = (error: Error): boolean =>
  isOutOfReach(error) ||
  /^(Command timed out|Socket timeout|Connection is closed|LOADING|BUSY|MASTERDOWN|ERR max number of clients)/.test(
    error.message,
  )

/** Without TLS, Redis waits for the rest of what it takes for a command; others hang up. */
function explainAway(error: Error, url: string): Error {
  const server = serverOf(url)
  const hint = url.startsWith('rediss:') ? 'If it does without TLS, write redis:// instead of rediss://.' : ''
  const { code = error.message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return contact.nobodyListens(server, error)
  if (/^(ETIMEDOUT|Command timed out|Socket timeout)/.test(code))
    return contact.explain(`${server} does not answer. ${hint}`.trim(), error)
  if (/^(ECONNRESET|EPIPE|Connection is closed)/.test(code))
    return contact.notTheProduct(server, error, hint, 'it hangs up')
  return contact.explain(`${server}: ${error.message.split('\n')[0]}`, error)
}

/** One sentence that says what to write instead. Never shows the password. */
function explain(error: Error, url: string): Error {
  const { protocol, hostname, port, pathname, username } = new URL(url)
  const server = serverOf(url)
  if (isUnresolved(error))
    return contact.unresolved(hostname, `${protocol}//127.0.0.1:${port || 6379}${pathname}`, error)
  if (error instanceof RedisTooOld) return contact.tooOld(server, error.message, OLDEST_VERSION, error)
  if (/^NOAUTH/.test(error.message))
    return contact.wantsPassword(server, `${protocol}//:password@${server}${pathname}`, error)
  if (/^WRONGPASS|invalid password/.test(error.message))
    return contact.wrongPassword(
      server,
      username || 'default',
      `${protocol}//user:password@${server}${pathname}`,
      error,
    )
  if (/^(Unknown RESP type|Protocol error)/.test(error.message))
    return contact.notTheProduct(server, error, '', error.message.replace(/ Please report this\.?$/, ''))
  return contact.explain(`${server}: ${error.message.split('\n')[0]}`, error)
}
