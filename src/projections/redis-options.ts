/** A silent Redis is given up after this time, and everything that waits for it with it. */
const SILENCE_MS = 500
const CONNECT_MS = 2000

/**
 * What the client is told of a REDIS_URL. Nothing waits in a queue: whoever asks while Redis is away is told so at once.
 */
export function redisOptions(url: string) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1)),
    ...(protocol === 'rediss:' && { tls: {} }),
    connectionName: 'taxbudget',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    disconnectTimeout: SILENCE_MS,
  }
}
