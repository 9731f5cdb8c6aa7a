/** `nats://user:password@one:4222,two:4222`, or `tls://…`; a user alone is a token. */
export interface NatsAddress {
  /** `host:port` each. */
  readonly servers: readonly string[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
}

const PATTERN = /^(nats|tls):\/\/(?:([^:@/]+)(?::([^@/]*))?@)?([^@/?#]+)\/?$/
const SERVER = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** The parts of a NATS_URL; undefined if it is none. */
export function parseNatsUrl(url: string): NatsAddress | undefined {
  const [, scheme, user, password, hosts = ''] = PATTERN.exec(url.replaceAll(/,(nats|tls):\/\//g, ',')) ?? []
  const servers = hosts.split(',')
  if (!scheme || !servers.every((server) => SERVER.test(server))) return undefined
  return {
    servers: servers.map((server) => (/:\d+$/.test(server) ? server : `${server}:4222`)),
    user: user && decode(user),
    password: password === undefined ? undefined : decode(password),
    tls: scheme === 'tls',
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
