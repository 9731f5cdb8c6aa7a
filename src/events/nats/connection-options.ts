import { serverIdentity } from './server-identity.ts'
import type { NatsAddress } from './url.ts'

const CONNECT_MS = 2000
export const RETRY_MS = 500
/** A server that has gone silent is noticed after three of these. */
const PING_MS = 1000

/** How to connect to these servers, for the client of NATS. */
export const connectionOptions = ({ servers, user, password, tls }: NatsAddress) => ({
  servers: [...servers],
  name: 'taxbudget',
  timeout: CONNECT_MS,
  pingInterval: PING_MS,
  maxPingOut: 2,
  maxReconnectAttempts: -1,
  reconnectTimeWait: RETRY_MS,
  ignoreAuthErrorAbort: true,
  // Handed on to Node; the client's own types do not know it.
  ...(tls && { tls: { checkServerIdentity: serverIdentity(servers) } as object }),
  ...(user !== undefined && (password === undefined ? { token: user } : { user, pass: password })),
})
