/** What is wrong with a REDIS_URL, told when the program starts. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Older ones know no users, and nobody mends them. */
const OLDEST_VERSION = 6

/** A container's name resolves once the container has been started. */
const RESOLVES_WITHIN_MS = 5000
const TRY_EVERY_MS = 500

/** It speaks Redis, but not well enough. */
class RedisTooOld extends Error {
  override readonly name = 'RedisTooOld'
}

/**
 * Tries a Redis for the first time.
 * @param attempt connects, and gives what INFO says
 * @returns why it is away, if it is, as anybody's Redis may be for a while: the program starts without it
 * @throws with one sentence on what has to be changed, if waiting would not help
 */
export async function diagnoseRedis(
  url: string,
  attempt: () => Promise<string>,
  patienceMs = RESOLVES_WITHIN_MS,
): Promise<Error | undefined> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const trouble = await attempt().then(tooOld, (error: Error) => error)
    if (trouble && isUnresolved(trouble) && performance.now() < deadline) await sleep(TRY_EVERY_MS)
    else if (trouble === undefined || isAway(trouble)) return trouble
    else throw explain(trouble, url)
  }
}

function tooOld(info: string): Error | undefined {
  const version = /^redis_version:(\d+)\S*/m.exec(info)
  return version && Number(version[1]) < OLDEST_VERSION
    ? new RedisTooOld(version[0].replace(/.*:/, ''))
    : undefined
}

const codeOf = (error: Error) => (error as NodeJS.ErrnoException).code ?? ''

const isUnresolved = (error: Error): boolean => ['ENOTFOUND', 'EAI_AGAIN'].includes(codeOf(error))

/** It refuses, hangs up, is silent, busy or still loading: all of that may pass. */
const isAway = (error: Error): boolean =>
  /^(ECONN\w+|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EPIPE)$/.test(codeOf(error)) ||
  /^(Command timed out|Socket timeout|Connection is closed|LOADING|BUSY|MASTERDOWN|ERR max number of clients)/.test(
    error.message,
  )

/** One sentence that says what to write instead. Never shows the password. */
function explain(error: Error, url: string): Error {
  const { protocol, hostname, port, pathname, username } = new URL(url)
  const server = `${hostname}:${port || 6379}`
  const sentence = (text: string) => new Error(`REDIS_URL: ${text}`, { cause: error })
  if (isUnresolved(error))
    return sentence(
      `the host "${hostname}" does not resolve. If it is a container's name, write 127.0.0.1 outside the containers: ` +
        `${protocol}//127.0.0.1:${port || 6379}${pathname}`,
    )
  if (error instanceof RedisTooOld)
    return sentence(
      `${server} is Redis ${error.message}, which is too old. Use Redis ${OLDEST_VERSION} or newer, ` +
        'or unset the variable to keep snapshots in the process.',
    )
  if (/^NOAUTH/.test(error.message))
    return sentence(`${server} wants a password: write ${protocol}//:password@${server}${pathname}`)
  if (/^WRONGPASS|invalid password/.test(error.message))
    return sentence(`${server} refuses the user "${username || 'default'}" with this password.`)
  if (/^(Unknown RESP type|Protocol error)/.test(error.message))
    return sentence(`what answers on ${server} is not Redis.`)
  return sentence(`${server}: ${error.message.split('\n')[0]}`)
}
