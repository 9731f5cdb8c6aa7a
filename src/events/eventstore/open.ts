import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { FirstContact, isOutOfReach, isUnresolved, type Patience } from '../../first-contact.ts'
import type { ServerReport } from '../../server-report.ts'
import { EventLogUnavailable } from '../event-log.ts'
import { EventStoreEventLog, type EventStoreEventLogOptions } from '../eventstore-event-log.ts'
import { EventStoreClient } from './client.ts'
import { typeOf, unavailable } from './lost.ts'

interface Endpoint {
  readonly host: string
  readonly port: number
}

/** The first that can say which version it is. */
const OLDEST = '21.10'
const CONNECT_MS = 3000
const ANSWER_MS = 2000
const ASK_AGAIN_MS = 250
/** Its own words. */
const NOT_READY = 'Server Is Not Ready'

const contact = new FirstContact({
  variable: 'EVENT_STORE_URL',
  product: 'EventStoreDB',
  otherwise: 'keep the log in PostgreSQL',
})

class EventStoreTooOld extends Error {
  override readonly name = 'EventStoreTooOld'
}

/**
 * The event log of EVENT_STORE_URL, once it answers.
 * @throws with one sentence on what is wrong and what to write instead
 */
export async function openEventStore(
  options: EventStoreEventLogOptions,
  patience?: Patience,
): Promise<EventStoreEventLog> {
  const { url } = options
  const log = new EventStoreEventLog(options)
  const attempt = async () => {
    await reach(url)
    await log.answers()
  }
  try {
    await contact.tryPatiently(serverOf(endpointsOf(url)[0]!), attempt, mayPass, patience)
    await refuseOlder(url)
    return log
  } catch (error) {
    await log.close()
    throw explain(error as Error, endpointsOf(url)[0]!, url)
  }
}

/** Looks at an EventStoreDB over connections of its own. @throws one sentence on what is wrong with it, or with its URL */
export async function examineEventStore(url: string): Promise<ServerReport> {
  const client = new EventStoreClient(url)
  try {
    await reach(url)
    await askPatiently(client)
    const started = performance.now()
    await askPatiently(client)
    const latencyMs = performance.now() - started
    const asked = client.version().catch(() => undefined)
    return { version: await Promise.race([asked, sleep(CONNECT_MS, undefined, { ref: false })]), latencyMs }
  } catch (error) {
    throw explain(error as Error, endpointsOf(url)[0]!, url)
  } finally {
    await client.close()
  }
}

/** A cluster may be electing its leader: it is asked again for a moment, each time with patience of its own. */
async function askPatiently(client: EventStoreClient): Promise<void> {
  for (const giveUp = performance.now() + ANSWER_MS; ; await sleep(ASK_AGAIN_MS)) {
    const answer = client.readBackwards(undefined, 1, Date.now() + ANSWER_MS).catch((error: unknown) => {
      throw unavailable(error)
    })
    const failure = await answer.then(
      () => undefined,
      (error: Error) => error,
    )
    if (!failure) return
    if (!mayPass(failure) || performance.now() > giveUp) throw failure
  }
}

/** Tries again what fails because the log is lost while the program is starting. @throws with one sentence */
export const tryEventStoreAgain = <T>(
  url: string,
  attempt: () => Promise<T>,
  isLost: (error: Error) => boolean,
  patience?: Patience,
): Promise<T> => contact.tryAgain(serverOf(endpointsOf(url)[0]!), attempt, isLost, patience)

/** @throws what the first of the URL's servers says, unless one of them accepts a connection */
async function reach(url: string): Promise<void> {
  const trials = await Promise.allSettled(endpointsOf(url).map(tryToConnect))
  const [first] = trials
  if (first!.status === 'rejected' && trials.every(({ status }) => status === 'rejected')) throw first!.reason
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

/** A server that is starting, or has no leader yet, takes connections and no calls. */
const mayPass = (error: Error): boolean =>
  isUnresolved(error) ||
  isOutOfReach(error) ||
  isSilent(error) ||
  (error instanceof EventLogUnavailable && !isDenied(error))

const isSilent = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'ABORT_ERR'
const isDenied = (error: Error): boolean => typeOf(error.cause) === 'access-denied'

/** Who keeps silent about it, or is lost in this moment, has answered before and may do. */
async function refuseOlder(url: string): Promise<void> {
  const client = new EventStoreClient(url)
  try {
    const asked = client.version().catch(() => 'not said')
    const version = await Promise.race([asked, sleep(CONNECT_MS, 'not said', { ref: false })])
    if (version === undefined) throw new EventStoreTooOld('it cannot tell its version')
  } finally {
    await client.close()
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

const serverOf = ({ host, port }: Endpoint): string => `${host}:${port}`

function explain(error: Error, endpoint: Endpoint, url: string): Error {
  const server = serverOf(endpoint)
  const withoutTls = url.includes('tls=false')
  if (isUnresolved(error))
    return contact.unresolved(endpoint.host, `esdb://127.0.0.1:${endpoint.port}${optionsOf(url)}`, error)
  if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return contact.nobodyListens(server, error)
  if (isSilent(error)) return contact.silent(server, error)
  if (error instanceof EventStoreTooOld) return contact.tooOld(server, `older than ${OLDEST}`, OLDEST, error)
  if (isDenied(error))
    return contact.explain(
      `${server} refuses this user and password, or wants some: esdb://user:password@${server}` +
        (withoutTls ? '. With tls=false none are sent.' : ''),
      error,
    )
  if (error.message.includes(NOT_READY))
    return contact.explain(
      `${server} is EventStoreDB that is not ready yet: it is starting, or too few nodes of its cluster are there. ` +
        'Its own log says which.',
      error,
    )
  const hint = withoutTls
    ? 'If it wants TLS, leave tls=false out.'
    : 'If it does without TLS, add ?tls=false.'
  // What OpenSSL says comes with places in its source.
  const reason = /SSL routines|wrong version number|EPROTO/.test(error.message)
    ? 'no TLS is spoken there'
    : undefined
  return contact.notTheProduct(server, error, hint, reason)
}

const optionsOf = (url: string): string => /\?.*$/.exec(url)?.[0] ?? ''
