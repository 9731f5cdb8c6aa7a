import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { EventStoreEventLog, type EventStoreEventLogOptions } from '../eventstore-event-log.ts'
import { typeOf } from './lost.ts'

interface Endpoint {
  readonly host: string
  readonly port: number
}

/** A server that is still starting, in a container beside this one, has so long. */
const PATIENCE_MS = 10_000
const LOOK_AGAIN_MS = 250
const CONNECT_MS = 3000

/**
 * The event log of EVENT_STORE_URL, once it answers.
 * @param patienceMs how long to wait for a server that cannot be reached yet
 * @throws with one sentence on what is wrong and what to write instead
 */
export async function openEventStore(
  options: EventStoreEventLogOptions,
  patienceMs = PATIENCE_MS,
): Promise<EventStoreEventLog> {
  await reach(options.url, patienceMs)
  const log = new EventStoreEventLog(options)
  try {
    await log.head()
    return log
  } catch (error) {
    await log.close()
    throw explainRefusal(error as Error, options.url)
  }
}

/** Waits until one of the URL's servers accepts a connection. */
async function reach(url: string, patienceMs: number): Promise<void> {
  const endpoints = endpointsOf(url)
  const giveUp = Date.now() + patienceMs
  for (;;) {
    const trials = await Promise.allSettled(endpoints.map(tryToConnect))
    if (trials.some(({ status }) => status === 'fulfilled')) return
    if (Date.now() > giveUp) {
      const [first] = trials as PromiseRejectedResult[]
      throw explainConnection(first!.reason as Error, endpoints[0]!, url)
    }
    await sleep(LOOK_AGAIN_MS)
  }
}

async function tryToConnect({ host, port }: Endpoint): Promise<void> {
  await lookup(host)
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) })
  } finally {
    socket.destroy()
  }
}

/** `esdb://user:password@one:2113,two:2113?tls=false` names two. */
function endpointsOf(url: string): Endpoint[] {
  const hosts = url
    .replace(/^[^:]+:\/\//, '')
    .replace(/[/?].*$/, '')
    .replace(/^.*@/, '')
  return hosts.split(',').map((each) => {
    const [host = '', port = '2113'] = each.split(':')
    return { host, port: Number(port) }
  })
}

const explain = (sentence: string, cause: Error) => new Error(`EVENT_STORE_URL: ${sentence}`, { cause })

function explainConnection(error: Error, { host, port }: Endpoint, url: string): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return explain(
        `the host "${host}" does not resolve. If it is a container's name, write 127.0.0.1 outside the containers: ` +
          `esdb://127.0.0.1:${port}${optionsOf(url)}`,
        error,
      )
    case 'ECONNREFUSED':
      return explain(
        `nothing listens on ${host}:${port}. Start EventStoreDB there, or unset the variable to keep the log in PostgreSQL.`,
        error,
      )
    case 'ABORT_ERR':
      return explain(`${host}:${port} does not answer.`, error)
    default:
      return explain(`${host}:${port}: ${error.message}`, error)
  }
}

function explainRefusal(error: Error, url: string): Error {
  const [{ host, port }] = endpointsOf(url) as [Endpoint]
  if (typeOf(error.cause) === 'access-denied')
    return explain(
      `${host}:${port} refuses this user and password, or wants some: esdb://user:password@${host}:${port}` +
        (url.includes('tls=false') ? '. With tls=false none are sent.' : ''),
      error,
    )
  const hint = url.includes('tls=false')
    ? 'If it wants TLS, leave tls=false out.'
    : 'If it does without TLS, add ?tls=false.'
  return explain(`${host}:${port} does not answer as EventStoreDB does: ${error.message} ${hint}`, error)
}

const optionsOf = (url: string): string => /\?.*$/.exec(url)?.[0] ?? ''
